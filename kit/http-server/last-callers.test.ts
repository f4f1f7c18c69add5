import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { surroundings } from '@kit/http/test-surroundings'
import { whenNobodyWaits } from './last-callers.ts'
import { openServer } from './server.ts'

test('who has come to the door before it is closed is let in and answered', async () => {
  const server = openServer(surroundings())
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
  // The kernel connects them at once; the process hears of it when it looks next, and that may be after it has closed.
  const callers = Array.from({ length: 20 }, () => connect(Number(port), '127.0.0.1'))
  const closed = server[Symbol.asyncDispose]()
  const answers = callers.map(async (socket) => {
    socket.end('GET /livez HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n')
    return (await text(socket)).slice(0, 15)
  })
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(['HTTP/1.1 200 OK']))
  await closed
})

test('a door at which somebody always waits is closed all the same', { timeout: 20_000 }, async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  let over = false
  const come = (): void => {
    if (over) return
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .on('close', come)
  }
  for (let n = 0; n < 20; n++) come()
  const began = performance.now()
  await new Promise<void>((resolve) => whenNobodyWaits(server, resolve))
  assert.ok(performance.now() - began < 10_000)
  over = true
  server.close()
  assert.equal(server.listenerCount('connection'), 1)
})
