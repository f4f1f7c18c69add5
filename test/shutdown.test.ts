// Ctrl-C drains and leaves nothing behind, PostgreSQL included.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop } from './fleet/shop.ts'

/** Processes that name the folder on their command line or have been started by one of those. */
const processesOf = (folder: string): readonly string[] =>
  execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('ps -eo'))

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

/** `npm start` as leader of a process group, as a terminal runs it; resolves once the shop is ready. */
const npmStart = async (dataDir: string): Promise<ChildProcess> => {
  const child = spawn('npm', ['start'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, PORT: '0', DEMO: 'off', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => line.includes('"event":"ready"') && resolve())
  })
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('npm start has ended before it was ready')))
  ended.catch(() => undefined)
  await Promise.race([ready, ended])
  return child
}

const ends: Readonly<Record<string, (npm: ChildProcess) => void>> = {
  'a kill -9 of npm': (npm) => void npm.kill('SIGKILL'),
  'a signal to npm alone': (npm) => void npm.kill('SIGTERM'),
  'a terminal that is closed': (npm) => {
    npm.stdout?.destroy()
    npm.stderr?.destroy()
    process.kill(-(npm.pid ?? 0), 'SIGHUP')
  },
}
for (const [name, end] of Object.entries(ends)) {
  test(`${name} leaves nothing behind either`, { timeout: 60_000 }, async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
    try {
      const npm = await npmStart(scratch)
      assert.ok(processesOf(scratch).length > 0, 'PostgreSQL runs on the folder')
      const exited = once(npm, 'exit')
      end(npm)
      await exited
      for (let look = 0; look < 100 && processesOf(scratch).length > 0; look++) await sleep(50)
      assert.deepEqual(processesOf(scratch), [])
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  })
}

/** What the program takes for a Node that is too old for it, so that it hands over to the pinned one. */
const OLDER =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.0.0"}})'

/** `argosy start` under an older Node; resolves once the shop is ready. */
const startUnderOlderNode = async (dataDir: string): Promise<ChildProcess> => {
  const program = fileURLToPath(new URL('../apps/argosy/bin/argosy.js', import.meta.url))
  const child = spawn(process.execPath, ['--import', OLDER, program, 'start'], {
    env: { ...process.env, PORT: '0', DEMO: 'off', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('"event":"ready"')) return child
  throw new Error('it has ended before it was ready')
}

test('Ctrl-C to the launcher alone is handed on; a launcher that is killed takes all with it', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-stop-'))
  const gone = async (): Promise<void> => {
    for (let look = 0; look < 200 && processesOf(scratch).length > 0; look++) await sleep(50)
    assert.deepEqual(processesOf(scratch), [])
  }
  try {
    const asked = await startUnderOlderNode(scratch)
    assert.ok(processesOf(scratch).length > 0, 'PostgreSQL runs on the folder')
    const exited = once(asked, 'exit')
    asked.kill('SIGINT')
    assert.deepEqual(await exited, [130, null])
    await gone()
    const killed = await startUnderOlderNode(scratch)
    killed.kill('SIGKILL')
    await gone()
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
