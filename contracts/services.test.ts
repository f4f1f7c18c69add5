import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
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
  assert.deepEqual(serviceNames.toSorted(), folder('http/').toSorted())
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
