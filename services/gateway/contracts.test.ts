import assert from 'node:assert/strict'
import { test } from 'node:test'
import { route } from '@kit/http/route'
import { openServer } from '@kit/http-server/server'
import { servicePlugin } from '@kit/http/service-plugin'
import { noDatabase, surroundings, verifierOf } from '@kit/http/test-surroundings'
import { refuse } from '@kit/problem/refusal'
import type { Problems } from '@kit/problem/refusal'
import { readContracts } from './contracts.ts'

const verifier = verifierOf({ root: { id: 'root', roles: ['admin', 'seller', 'customer'], session: 's' } })
const endpoints = [...(await readContracts()).values()].flat().map(({ endpoint }) => endpoint)

/** Every declared operation, with code that refuses whatever passes the schemas. */
const open = async () => {
  const around = surroundings()
  const server = openServer(around)
  const codes = endpoints.flatMap((endpoint) => endpoint.problems ?? [])
  const problems: Problems = Object.fromEntries(codes.map((code) => [code, { status: 409, title: code }]))
  const routes = endpoints.map((endpoint) => route(endpoint, async () => refuse('not-found')))
  const resources = noDatabase(around.platform)
  await server.app.register(servicePlugin({ ...around, name: 'all', routes, problems, resources, verifier }))
  return server
}

const odd: readonly string[] = [
  '',
  'null',
  '[]',
  '{}',
  '0',
  '"x"',
  '1e309',
  '{"id":{}}',
  '{"id":[[]],"email":{"$gt":""}}',
  '{"quantity":18446744073709551612}',
  '{"order_items":{"length":1}}',
  '{"order_items":[null]}',
  '{"name":"\u0000"}',
  '{"toString":1,"hasOwnProperty":2}',
  '{"price":-0,"inventory":0.1}',
  '{"payment":"x"}',
  '{"payment":{"currency_code":null,"card":[]}}',
  '{"description":false}',
]

test('no operation answers odd bodies, ids and queries with a fault', async () => {
  await using server = await open()
  const headers = { authorization: 'Bearer root', 'content-type': 'application/json' }
  for (const { method, path } of endpoints) {
    for (const id of ['x', '-1', '0190A5E4-0000-7000-8000-000000000001', "' or 1=1", '..', '%F0%9F']) {
      const url = path.replaceAll(/:[a-z_]+/g, encodeURIComponent(id).replaceAll('%25', '%'))
      const queries = [
        '',
        '?limit=x',
        '?cursor=e30&limit=1e9',
        '?id[]=1&quantity=1e309&sort=',
        '?__proto__=1&constructor=2',
      ]
      for (const query of queries) {
        const payload = odd[(id.length + query.length) % odd.length] ?? ''
        const answer = await server.app.inject({ method, url: url + query, headers, payload })
        assert.ok(answer.statusCode < 500, `${method} ${url}${query} ${payload}: ${answer.body}`)
      }
    }
    for (const payload of odd) {
      const url = path.replaceAll(/:[a-z_]+/g, '0190a5e4-0000-7000-8000-000000000001')
      const answer = await server.app.inject({ method, url, headers, payload })
      assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${method} ${url} ${payload}: ${answer.body}`)
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
    }
  }
})

test('an operation that is not for anyone is closed without a token', async () => {
  await using server = await open()
  for (const { method, path, audience, aliases = [] } of endpoints) {
    for (const each of [{ method, path }, ...aliases]) {
      const { statusCode } = await server.app.inject({
        method: each.method,
        url: each.path.replaceAll(/:[a-z_]+/g, 'x'),
      })
      assert.equal(statusCode === 401, audience !== 'anyone', `${each.method} ${each.path}: ${statusCode}`)
    }
  }
})
