import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Envelope } from '../log.ts'
import { toldBy, toRecord } from './records.ts'
import { asRead } from './test-records.ts'

const writer = { database: 'Zm9v', epoch: 42n }
const place = { topic: 'notes', partition: 3 }

const now = 0x018f3e5b0000
const bare: Envelope = { id: 'message-1', type: 'note.added.v1', partitionkey: 'Zürich', data: { text: 'grüß Gott' } }
const full: Envelope = {
  ...bare,
  correlationid: 'story-1',
  causationid: 'message-0',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  audience: 'mail',
}

test('a message is a CloudEvent in binary mode: attributes are headers, the value is the data', () => {
  assert.deepEqual(toRecord({ ...place, envelope: full }, writer, now), {
    topic: 'notes',
    partition: 3,
    key: 'Zürich',
    value: '{"text":"grüß Gott"}',
    headers: {
      relay: 'Zm9v:42',
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: 'message-1',
      ce_source: '/argosy',
      ce_type: 'note.added.v1',
      ce_correlationid: 'story-1',
      ce_causationid: 'message-0',
      ce_traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      ce_audience: 'mail',
    },
  })
})

for (const [name, envelope] of Object.entries({ full, bare })) {
  test(`what is read is what was written: a ${name} envelope`, () => {
    const record = asRead(toRecord({ ...place, envelope }, writer, now))
    assert.deepEqual(toldBy(place, 17n, record), { delivery: { ...place, envelope }, writer })
  })
}

test('a record is as old as its message, as the id of that says', () => {
  const id = '018f3e5a-0000-7000-8000-000000000001'
  assert.equal(toRecord({ ...place, envelope: { ...bare, id } }, writer, now).timestamp, 0x018f3e5a0000n)
  assert.equal(toRecord({ ...place, envelope: bare }, writer, now).timestamp, undefined)
})

test('a record is not from the future, as a message is that was made by a clock that was ahead', () => {
  const id = '018f3e5c-0000-7000-8000-000000000001'
  assert.equal(toRecord({ ...place, envelope: { ...bare, id } }, writer, now).timestamp, BigInt(now))
})

test('a record of somebody else has the key and the place for its identity, and a type that nobody declares', () => {
  const record = asRead({ key: 'k', value: '{"a":1}', headers: { app: 'mirror' } })
  assert.deepEqual(toldBy(place, 17n, record), {
    delivery: { ...place, envelope: { id: 'notes/3/17', type: 'unknown', partitionkey: 'k', data: { a: 1 } } },
    writer: undefined,
  })
})

test('a CloudEvent of another producer is read like one of ours', () => {
  const headers = { ce_specversion: '1.0', ce_id: 'x', ce_source: '/crm', ce_type: 'customer.moved.v1' }
  const { envelope } = toldBy(place, 17n, asRead({ key: 'k', value: '[]', headers })).delivery
  assert.deepEqual(envelope, { id: 'x', type: 'customer.moved.v1', partitionkey: 'k', data: [] })
})

test('data that is no JSON stays the text that it is', () => {
  const headers = { ce_id: 'x', ce_type: 'note.added.v1' }
  for (const value of ['{"text":', 'hello', ''])
    assert.equal(toldBy(place, 17n, asRead({ key: 'k', value, headers })).delivery.envelope.data, value)
})

test('a record with nothing in it is a message with nothing in it', () => {
  assert.deepEqual(toldBy(place, 17n, asRead({})).delivery.envelope, {
    id: 'notes/3/17',
    type: 'unknown',
    partitionkey: '',
    data: null,
  })
})
