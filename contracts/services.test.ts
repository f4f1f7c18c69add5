import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import type { AnyEndpoint } from '@kit/http/endpoint'
import type { TSchema } from 'typebox'
import { PageOf, pageQuery } from './http/page.ts'
import {
  answeringNames,
  answersRpc,
  databaseVariableOf,
  httpVariableOf,
  isServiceName,
  rpcVariableOf,
  serviceNames,
  serviceTable,
} from './services.ts'

const folder = (name: string): string[] =>
  readdirSync(new URL(name, import.meta.url)).map((file) => basename(file, '.ts'))

test('the table knows every contract', () => {
  assert.deepEqual(['page', ...serviceNames].toSorted(), folder('http/').toSorted())
  assert.deepEqual(answeringNames.toSorted(), folder('rpc/').toSorted())
})

test('no path is given away twice', () => {
  const paths = serviceNames.flatMap((name) => serviceTable[name].prefixes.map(({ below }) => below))
  assert.deepEqual(
    paths.filter((path, index) => paths.indexOf(path) !== index),
    [],
  )
})

test('variables are named after their service, unless that name means something else', () => {
  assert.deepEqual(
    [httpVariableOf('order'), httpVariableOf('payment'), rpcVariableOf('catalog'), databaseVariableOf('payment')],
    ['ORDER_URL', 'PAYMENT_HTTP_URL', 'CATALOG_RPC_URL', 'PAYMENT_DATABASE_URL'],
  )
})

test('a name is a service only when the table has it', () => {
  assert.deepEqual(['mail', 'gateway', 'toString', ''].map(isServiceName), [true, false, false, false])
  assert.deepEqual(['payment', 'mail', 'gateway'].map(answersRpc), [true, false, false])
})

test('every list is asked for and answered as a page', async () => {
  const lists: string[] = []
  for (const name of serviceNames) {
    const contract: object = await serviceTable[name].http()
    for (const [operation, { query, answer }] of Object.entries<Partial<AnyEndpoint>>(Object(contract))) {
      const items: TSchema | undefined = Object(answer).properties?.data?.items
      if (items === undefined) continue
      const { limit, cursor } = Object(query).properties
      assert.deepEqual([operation, { limit, cursor }, answer], [operation, pageQuery, PageOf(items)])
      lists.push(operation)
    }
  }
  assert.ok(lists.includes('ListProducts'), `found ${lists.join()}`)
})
