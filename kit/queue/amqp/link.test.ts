import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { getActiveResourcesInfo } from 'node:process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLog } from '@kit/telemetry/log'
import { brokersAt } from './brokers.ts'
import { Link } from './link.ts'

const listening = async (): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

const timers = (): number => getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length

/** A link to nodes that never let it in; `tried` resolves when it has given up so many. */
const linkTo = (ports: readonly number[], tries: number) => {
  const tried = Promise.withResolvers<void>()
  // Asked once where to begin, and once per pause.
  let asked = 0
  const random = (): number => {
    if (++asked > tries) tried.resolve()
    return 0
  }
  const begin = () => Promise.reject(new Error('nobody is there'))
  const brokers = brokersAt(`amqp://${ports.map((port) => `127.0.0.1:${port}`).join()}`)
  return { link: new Link({ brokers, log: openLog({ level: 'silent' }), random, begin }), tried: tried.promise }
}

test('a link to a port where nobody listens leaves nothing behind that would hold up the end of its process', async () => {
  const { server, port } = await listening()
  server.close()
  const before = timers()
  const { link, tried } = linkTo([port], 3)
  link.start()
  await tried
  await link[Symbol.asyncDispose]()
  assert.equal(timers(), before)
})

test('without a connection for three seconds it says so, by the code of the error', async () => {
  const { server, port } = await listening()
  server.close()
  const { link } = linkTo([port], 1)
  await using _link = link
  link.start()
  assert.deepEqual([link.isUp, link.complaint()], [false, undefined])
  for (const end = performance.now() + 10_000; link.complaint() === undefined; await sleep(50))
    assert.ok(performance.now() < end, 'said nothing')
  assert.match(link.complaint() ?? '', /^no connection to RabbitMQ for \d+ s \(ECONNREFUSED\)$/)
})

test('a node that accepts connections and says nothing is given up for the next', async () => {
  const { server, port } = await listening()
  const { link, tried } = linkTo([port], 2)
  const sockets: { destroy: () => void }[] = []
  server.on('connection', (socket) => sockets.push(socket))
  link.start()
  await tried
  assert.equal(sockets.length, 2)
  server.close()
  await link[Symbol.asyncDispose]()
  for (const socket of sockets) socket.destroy()
})
