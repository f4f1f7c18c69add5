// Ctrl-C drains and leaves nothing behind, PostgreSQL included.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FleetProcess } from './fleet/fleet-process.ts'
import { processesOf } from './fleet/processes-of.ts'
import { Shop } from './fleet/shop.ts'

/** What clients leave open: a connection without a word, half a head, half a body, a connection that is kept. */
const unfinished = [
  '',
  'GET /api/v1/catalog/products HTTP/1.1\r\nhost: shop\r\nx-half: ',
  'POST /api/v1/account/login HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"email": ',
  'POST /api/v1/account/login HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n20\r\n{"em',
  'GET /livez HTTP/1.1\r\nhost: shop\r\n\r\n',
] as const

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(
    `${signal} ends the fleet and its PostgreSQL, and does not wait for clients that do not go on`,
    { timeout: 60_000 },
    async () => {
      const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
      const sockets: Socket[] = []
      try {
        await using fleet = await FleetProcess.start({ dataDir: scratch })
        const { hostname, port } = new URL(fleet.url)
        for (const words of unfinished) {
          const socket = connect(Number(port), hostname)
          sockets.push(socket.on('error', () => undefined))
          await once(socket, 'connect')
          if (words !== '') socket.write(words)
        }
        const shop = new Shop(fleet.url)
        const buyer = await shop.person()
        const product = await shop.product(buyer, await shop.category(buyer))
        const { body } = await shop.buy(buyer, [[product, 1]], { method: 'transfer' })
        const watching = connect(Number(port), hostname)
        sockets.push(watching.on('error', () => undefined))
        const head = ['host: shop', `authorization: Bearer ${buyer.token}`, 'accept: text/event-stream']
        watching.write(`GET /api/v1/purchases/${body.purchase_id}/events HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
        const [answer] = (await once(watching, 'data')) as [Buffer]
        assert.match(answer.toString(), /^HTTP\/1\.1 200 /)
        assert.ok(processesOf(scratch).length > 0, 'PostgreSQL runs on the folder')
        const began = performance.now()
        assert.equal(await fleet.stop(signal), signal === 'SIGINT' ? 130 : 0, fleet.log)
        const took = performance.now() - began
        assert.ok(took < 10_000, `ended ${Math.round(took)} ms after ${signal}`)
        assert.doesNotMatch(fleet.log, /not closed in time/)
        assert.deepEqual(processesOf(scratch), [])
      } finally {
        for (const socket of sockets) socket.destroy()
        rmSync(scratch, { recursive: true, force: true })
      }
    },
  )
}

test('Ctrl-C does not wait for a mail server that hangs', { timeout: 90_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
  // It greets, and that is the last that is heard of it.
  const hanging = createServer((socket) => socket.on('error', () => undefined).write('220 wait\r\n'))
  hanging.listen(0, '127.0.0.1')
  try {
    await once(hanging, 'listening')
    const { port } = hanging.address() as AddressInfo
    const env = { SMTP_URL: `smtp://127.0.0.1:${port}`, SMTP_TIMEOUT: '50s' }
    await using fleet = await FleetProcess.start({ dataDir: scratch, env })
    const connected = once(hanging, 'connection')
    await new Shop(fleet.url).person()
    await connected
    const began = performance.now()
    assert.equal(await fleet.stop(), 130)
    assert.ok(performance.now() - began < 10_000, 'letters in the air have 5 seconds')
  } finally {
    hanging.close()
    rmSync(scratch, { recursive: true, force: true })
  }
})

test('a purchase that was answered just before Ctrl-C ends after the next start', { timeout: 90_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
  try {
    const first = await FleetProcess.start({ dataDir: scratch })
    const shop = new Shop(first.url)
    const buyer = await shop.person()
    const product = await shop.product(buyer, await shop.category(buyer))
    const { body } = await shop.buy(buyer, [[product, 1]])
    await first.stop()
    await using second = await FleetProcess.start({ dataDir: scratch })
    const ended = await new Shop(second.url).end(buyer, body.purchase_id)
    assert.equal(ended.status, 'completed')
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
