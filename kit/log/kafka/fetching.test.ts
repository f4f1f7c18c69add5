// Readers whose brokers are hung; what they fetch from others: `npm run test:cluster`.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { telemetry } from '@kit/messaging/test-group'
import { Fetching } from './fetching.ts'
import { addressOf } from './url.ts'

test('a broker that answers nothing does not hold up the end of a reader', { timeout: 20_000 }, async () => {
  const asked = Promise.withResolvers<void>()
  await using broker = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => asked.resolve())
  }).listen(0, '127.0.0.1')
  await once(broker, 'listening')
  const { port } = broker.address() as AddressInfo
  const fetching = new Fetching({
    address: addressOf(`kafka://127.0.0.1:${port}`),
    group: 'board',
    topics: ['notes'],
    arrived: () => undefined,
    log: telemetry.log,
  })
  const reading = { topic: 'notes', partition: 0, topicId: undefined, next: 0n, epochs: new Map(), fetched: [] }
  fetching.readings.set('notes/0', reading)
  fetching.kick()
  await asked.promise
  const began = performance.now()
  await fetching[Symbol.asyncDispose]()
  assert.ok(performance.now() - began < 3_000)
})
