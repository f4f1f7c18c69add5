import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Misfit } from './errors.ts'
import { inspectKafka } from './inspect.ts'
import { addressOf } from './url.ts'

test('a broker that resets connections while they log in ends a look, and not the process', async () => {
  await using broker = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.resetAndDestroy())
  }).listen(0, '127.0.0.1')
  await once(broker, 'listening')
  const { port } = broker.address() as AddressInfo
  // What nobody listens to fails the test that is running.
  await assert.rejects(inspectKafka(addressOf(`kafka://user:password@127.0.0.1:${port}`), ['notes']), Misfit)
})
