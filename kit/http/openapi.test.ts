import assert from 'node:assert/strict'
import { test } from 'node:test'
import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { openApi } from './openapi.ts'

const GetOrder = endpoint({
  method: 'GET',
  path: '/api/v1/orders/:id',
  summary: 'One order',
  audience: 'account',
  params: Type.Object({ id: Type.String() }),
  query: Type.Object({ limit: Type.Integer({ default: 20 }), fields: Type.String() }),
  answer: Type.Object({ id: Type.String() }),
  problems: ['order-cancelled'],
  aliases: [{ method: 'POST', path: '/api/v1/orders/:id/get' }],
})

test('an endpoint becomes an operation', () => {
  const document = openApi({ title: 'Argosy', version: '1', description: '', services: { order: [GetOrder] } })
  assert.equal(document['openapi'], '3.1.0')
  const { paths } = JSON.parse(JSON.stringify(document))
  const { get } = paths['/api/v1/orders/{id}']
  assert.deepEqual(
    [get.operationId, get.tags, get.security, get.summary],
    ['getOrdersById', ['order'], [{ bearer: [] }], 'One order'],
  )
  assert.deepEqual(
    get.parameters.map(({ name, in: place, required }: Record<string, unknown>) => [name, place, required]),
    [
      ['id', 'path', true],
      ['limit', 'query', false],
      ['fields', 'query', true],
    ],
  )
  assert.deepEqual(get.responses['200'].content['application/json'].schema.properties, { id: { type: 'string' } })
  assert.match(get.responses.default.description, /\/problems\/order-cancelled/)
  assert.equal(paths['/api/v1/orders/{id}/get'].post.deprecated, true)
})
