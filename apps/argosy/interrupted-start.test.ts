// Ctrl-C while the shop starts: at every phase it ends at once and leaves nothing running.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { migrate } from '@kit/migrations/migrate'
import { openSession } from '@kit/postgres/session'
import { schemasOf } from '@kit/service/schemas'
import { services } from './fleet.ts'

const program = fileURLToPath(new URL('./bin/argosy.js', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'argosy-give-up-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** Ms from the signal to the end: less than any of the limits that would otherwise end the waiting. */
const AT_ONCE = 4_500

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const deadline = performance.now() + 30_000; !(await holds()); await sleep(2)) {
    if (performance.now() > deadline) assert.fail(`still not so after 30 s: ${what}`)
  }
}

/** Starts the shop, waits until it has come so far, and presses Ctrl-C. */
const interrupt = async (
  env: Readonly<Record<string, string>>,
  phase: string,
  isThere: () => boolean | Promise<boolean>,
): Promise<void> => {
  const child = spawn(process.execPath, [program, 'start', '--json'], {
    env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'silent', DATA_DIR: join(scratch, 'none'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  try {
    await until(phase, () => {
      assert.equal(child.exitCode, null, said)
      return isThere()
    })
    const began = performance.now()
    child.kill('SIGINT')
    const [code] = (await ended) as [number | null]
    const took = performance.now() - began
    assert.equal(code, 130, said)
    assert.match(said, /ended before it was ready\n$/)
    assert.ok(took < AT_ONCE, `${phase}: ended ${Math.round(took)} ms after Ctrl-C`)
  } finally {
    child.kill('SIGKILL')
  }
}

/** A server that lets connections in, answers the first `answers` messages with what is needed to go on, and falls silent. */
const silentServer = async (answers: number) => {
  const sockets: Socket[] = []
  let heard = 0
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined).on('data', () => heard++ < answers && socket.write(LET_IN))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `postgres://shop@127.0.0.1:${(server.address() as AddressInfo).port}/shop`,
    heard: () => heard,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
/** AuthenticationOk, ReadyForQuery (idle). */
const LET_IN = Buffer.from([...Buffer.from('R'), 0, 0, 0, 8, 0, 0, 0, 0, ...Buffer.from('Z'), 0, 0, 0, 5, 0x49])

test('while the database lets nobody in', async () => {
  await using silent = await silentServer(0)
  await interrupt({ DATABASE_URL: silent.url }, 'connecting', () => silent.heard() > 0)
})

test('while the database gives no answer to who is in', async () => {
  await using silent = await silentServer(1)
  await interrupt({ DATABASE_URL: silent.url }, 'asking', () => silent.heard() > 1)
})

const running = (folder: string): readonly string[] =>
  execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('ps -eo'))

test('while initdb makes the folder of the embedded database', async () => {
  const folder = join(scratch, 'initdb')
  const names = (): readonly string[] => (existsSync(folder) ? readdirSync(folder) : [])
  await interrupt({ DATA_DIR: folder }, 'initdb', () => names().some((name) => name.startsWith('pg.new-')))
  assert.deepEqual([names(), running(folder)], [[], []], 'nothing half-made, nothing running')
})

test('while the embedded database starts', async () => {
  const folder = join(scratch, 'embedded')
  await interrupt({ DATA_DIR: folder }, 'the server', () => existsSync(join(folder, 'pg', 'PG_VERSION')))
  assert.deepEqual(running(folder), [])
})

test('while a file is migrated, and while a service opens', async () => {
  await using postgres = await startEmbedded({ dir: join(scratch, 'own'), fsync: false })
  await using holder = await openSession(postgres.url)
  await using looker = await openSession(postgres.url)
  const waits = async (): Promise<boolean> =>
    (await looker.query("select from pg_stat_activity where wait_event_type = 'Lock'")).length > 0
  const held = async (table: string): Promise<void> => {
    await holder.query(`begin; lock table ${table} in access exclusive mode`)
    await interrupt({ DATABASE_URL: postgres.url }, table, waits)
    await until('no statement goes on for nobody', async () => !(await waits()))
    await holder.query('rollback')
  }
  await migrate({ url: postgres.url, schemas: schemasOf(services) })
  await held('log.migration')
  await held('account.signing_key')
})
