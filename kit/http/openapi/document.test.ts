import assert from 'node:assert/strict'
import { test } from 'node:test'
import Type from 'typebox'
import { endpoint } from '../endpoint.ts'
import { openApi } from './document.ts'

const GetOrder = endpoint({
  method: 'GET',
  path: '/api/v1/orders/:id',
  summary: 'One order',
  audience: 'account',
  params: Type.Object({ id: Type.String() }),
  query: Type.Object({ limit: Type.Integer({ default: 20 }), fields: Type.String() }),
  headers: Type.Object({ 'If-None-Match': Type.Optional(Type.String({ description: 'A version.' })) }),
  answer: Type.Object({ id: Type.String(), limit: Type.Integer({ default: 20 }) }),
  answerHeaders: Type.Object({ ETag: Type.String({ description: 'The version.' }) }),
  empty: { 304: 'Unchanged' },
  problems: ['order-cancelled'],
  aliases: [{ method: 'POST', path: '/api/v1/orders/:id/get' }],
  examples: { table: { as: 'seller', params: { id: '{order_id}' }, query: { fields: 'all' } } },
})

const Refund = endpoint({
  method: 'POST',
  path: '/api/v1/refunds',
  summary: 'Refund',
  audience: 'anyone',
  headers: Type.Object({ 'Idempotency-Key': Type.String() }),
  body: Type.Object({ amount: Type.Integer(), note: Type.String({ default: '' }) }),
  answer: Type.String(),
  type: 'text/html',
  examples: { part: { headers: { 'Idempotency-Key': 'a1' }, body: { amount: 100 } }, more: { body: { amount: 900 } } },
})

const services = {
  order: [
    { name: 'GetOrder', endpoint: GetOrder },
    { name: 'Refund', endpoint: Refund },
  ],
}
const about = { title: 'Argosy', version: '1', description: '', samples: { order_id: '7' } }

test('an endpoint becomes an operation', () => {
  const document = openApi({ ...about, services })
  assert.equal(document['openapi'], '3.1.0')
  const { paths } = JSON.parse(JSON.stringify(document))
  const { get } = paths['/api/v1/orders/{id}']
  assert.deepEqual(
    [get.operationId, get.tags, get.security, get.summary, get['x-example-as']],
    ['getOrder', ['order'], [{ bearer: [] }], 'One order', 'seller'],
  )
  assert.deepEqual(
    get.parameters.map((one: Record<string, unknown>) => [one['name'], one['in'], one['required'], one['example']]),
    [
      ['id', 'path', true, '7'],
      ['limit', 'query', false, undefined],
      ['fields', 'query', true, 'all'],
      ['If-None-Match', 'header', false, undefined],
    ],
  )
  const good = get.responses['200']
  assert.deepEqual(good.content['application/json'].schema.required, ['id', 'limit'])
  assert.deepEqual(good.headers, { ETag: { description: 'The version.', schema: { type: 'string' } } })
  assert.equal(get.responses['304'].description, 'Unchanged')
  assert.match(get.responses.default.description, /\/problems\/order-cancelled/)
  const alias = paths['/api/v1/orders/{id}/get'].post
  assert.deepEqual([alias.deprecated, alias.operationId], [true, 'getOrderByPostApiV1OrdersIdGet'])
})

test('a body says what must be sent, and by example', () => {
  const { paths } = JSON.parse(JSON.stringify(openApi({ ...about, services })))
  const { post } = paths['/api/v1/refunds']
  const { required, content } = post.requestBody
  const { schema, examples } = content['application/json']
  assert.deepEqual([required, schema.required, schema.properties.note.default], [true, ['amount'], ''])
  assert.deepEqual(examples, { part: { value: { amount: 100 } }, more: { value: { amount: 900 } } })
  assert.deepEqual([post.parameters[0].required, post.parameters[0].example], [true, 'a1'])
  assert.deepEqual(Object.keys(post.responses['200'].content), ['text/html'])
})

test('two operations of one name, and an example that stands on nothing, are mistakes', () => {
  const twice = { order: services.order, payment: [{ name: 'Refund', endpoint: { ...Refund, path: '/other' } }] }
  assert.throws(() => openApi({ ...about, services: twice }), /two operations have the id refund.*\/other/)
  assert.throws(() => openApi({ ...about, services, samples: {} }), /\{order_id\}/)
})
