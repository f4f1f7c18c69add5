// A server that cannot come back for a while: the folder is broken, the disk is full, a predecessor's children linger.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startEmbedded } from './embedded.ts'
import { findPostmaster } from './folder.ts'

const root = mkdtempSync(join(tmpdir(), 'argosy-recovery-'))
const made = join(root, 'made', 'pg')

const postmasterOf = (dir: string): number => findPostmaster(dir)?.pid ?? assert.fail(`no server runs on ${dir}`)
const ask = async (url: string, text: string): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
const answers = (url: string): Promise<boolean> =>
  ask(url, 'select n from kept').then(
    (rows) => rows.length === 1,
    () => false,
  )
/** A folder that was used before and has a table `kept` with one row. */
const used = (dir: string): string => {
  cpSync(made, dir, { recursive: true })
  return dir
}
const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const deadline = performance.now() + 20_000; !(await holds()); await sleep(10)) {
    if (performance.now() > deadline) assert.fail(`still not so after 20 s: ${what}`)
  }
}

type Line = {
  readonly level: 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}
const hasFailed = ({ message }: Line): boolean => message.includes('cannot be started again')
const listen = () => {
  const lines: Line[] = []
  const at = (level: Line['level']) => (fields: Line['fields'], message: string) =>
    void lines.push({ level, message, fields })
  return { lines, log: { warn: at('warn'), error: at('error') } }
}

before(async () => {
  await using server = await startEmbedded({ dir: made, fsync: false })
  await ask(server.url, 'create table kept as select 1 as n')
})
after(() => rmSync(root, { recursive: true }))

test('a server that cannot be started for seconds is started once it can, and the log says what keeps it', async () => {
  const dir = used(join(root, 'hidden'))
  const { lines, log } = listen()
  await using server = await startEmbedded({ dir, fsync: false, log })
  const control = join(dir, 'global', 'pg_control')
  renameSync(control, `${control}.hidden`)
  process.kill(postmasterOf(dir), 'SIGKILL')
  await until('a try has failed', () => lines.some(hasFailed))
  const began = performance.now()
  await until('it has been away for 4 s', () => performance.now() - began > 4_000)
  renameSync(`${control}.hidden`, control)
  const mended = performance.now()
  await until('the server answers again', () => answers(server.url))
  assert.ok(performance.now() - mended < 5_000, 'two seconds at most between two tries')
  const errors = lines.filter(({ level }) => level === 'error')
  assert.equal(errors.length, 1, 'the same reason is told once')
  assert.match(String(errors[0]?.fields['said']), /does not start on .*hidden: .*pg_control.*No such file.*server\.log/)
  assert.equal(errors[0]?.fields['next_try_ms'], 100)
  await until('it is told', () => lines.at(-1)?.message === 'the embedded PostgreSQL is back')
  assert.ok(Number(lines.at(-1)?.fields['tries']) >= 4, JSON.stringify(lines))
})

/** A small disk of its own; undefined where none can be mounted. */
const smallDisk = (megabytes = 160): (AsyncDisposable & { readonly dir: string }) | undefined => {
  const dir = join(root, 'disk')
  mkdirSync(dir, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', dir], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return { dir, [Symbol.asyncDispose]: async () => void execFileSync('umount', [dir]) }
}

test('what initdb says of a full disk is one line, the one that matters, and nothing half-made stays', async (t) => {
  await using disk = smallDisk(12)
  if (disk === undefined) return t.skip('only root may mount a small disk, and not in every container')
  const dir = join(disk.dir, 'pg')
  const failure: any = await startEmbedded({ dir, fsync: false }).catch((error: unknown) => error)
  assert.match(
    failure.message,
    /^initdb could not make .*disk\/pg: could not write to file "[^"\n]*": No space left on device$/,
  )
  assert.equal(failure.code, 'ENOSPC')
  assert.deepEqual(readdirSync(disk.dir), [])
})

test('a server that a full disk has ended is back when there is room again', async (t) => {
  await using disk = smallDisk()
  if (disk === undefined) return t.skip('only root may mount a small disk, and not in every container')
  const dir = used(join(disk.dir, 'pg'))
  const { lines, log } = listen()
  await using server = await startEmbedded({ dir, fsync: false, log })
  const writer = new pg.Client({ connectionString: server.url })
  writer.on('error', () => undefined)
  await writer.connect()
  const filler = join(disk.dir, 'filler')
  // What is left is shorter than a segment of the log: the next one cannot be made.
  fill(filler)
  truncateSync(filler, statSync(filler).size - 4_000_000)
  const write = (): Promise<unknown> => writer.query("select pg_logical_emit_message(true, '', repeat('x', 1000000))")
  await assert.rejects(async () => {
    for (;;) await write()
  })
  // Now and then what was left was enough for the first recovery: then it ends once more.
  await until('a try has failed', async () => {
    if (lines.some(hasFailed)) return true
    fill(filler)
    await writeOnce(server.url).catch(() => undefined)
    return false
  })
  const told = String(lines.find(hasFailed)?.fields['said'])
  assert.match(told, /disk\/pg: (FATAL|PANIC): .*No space left on device|said nothing/)
  rmSync(filler)
  await until('the server answers again', () => answers(server.url))
})

const writeOnce = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 500, query_timeout: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query("select pg_logical_emit_message(true, '', repeat('x', 20000000))")
  } finally {
    await client.end()
  }
}

const fill = (file: string): void => {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(2 ** 20), { flag: 'a' })
  } catch (error) {
    assert.equal(Object(error).code, 'ENOSPC')
  }
}

test('disposing does not wait for a server that does not come back', async () => {
  const dir = used(join(root, 'lingering'))
  const { log } = listen()
  const server = await startEmbedded({ dir, fsync: false, log })
  const holding = new pg.Client({ connectionString: server.url })
  holding.on('error', () => undefined)
  await holding.connect()
  const child = Number((await holding.query('select pg_backend_pid() as pid')).rows[0]?.pid)
  // It holds the memory of its server, and no other can start.
  process.kill(child, 'SIGSTOP')
  try {
    const pid = postmasterOf(dir)
    process.kill(pid, 'SIGKILL')
    await until('the server is gone', () => findPostmaster(dir)?.pid !== pid)
    const began = performance.now()
    await server[Symbol.asyncDispose]()
    assert.ok(performance.now() - began < 10_000)
  } finally {
    process.kill(child, 'SIGKILL')
  }
  await until('nothing runs there', () => findPostmaster(dir) === undefined)
  await using again = await startEmbedded({ dir, fsync: false })
  assert.ok(await answers(again.url))
})

test('disposing while the server recovers stops it, and does not leave it behind', async () => {
  const dir = used(join(root, 'frozen'))
  const server = await startEmbedded({ dir, fsync: false })
  const first = postmasterOf(dir)
  process.kill(first, 'SIGKILL')
  let second: number | undefined
  await until('the next one is there', () => {
    second = findPostmaster(dir)?.pid
    return second !== undefined && second !== first
  })
  await server[Symbol.asyncDispose]()
  assert.equal(findPostmaster(dir), undefined)
})

test('disposing does not wait for a server that is frozen', async () => {
  const dir = used(join(root, 'stopped'))
  const server = await startEmbedded({ dir, fsync: false })
  const keepers = "select pid from pg_stat_activity where application_name = 'argosy keeper'"
  const frozen = [postmasterOf(dir), ...(await ask(server.url, keepers)).map(({ pid }) => Number(pid))]
  for (const pid of frozen) process.kill(pid, 'SIGSTOP')
  try {
    const began = performance.now()
    await server[Symbol.asyncDispose]()
    assert.ok(performance.now() - began < 10_000)
  } finally {
    for (const pid of frozen) process.kill(pid, 'SIGCONT')
  }
  // The next one finds it as it was left.
  await using again = await startEmbedded({ dir, fsync: false })
  assert.ok(await answers(again.url))
})

test('a clock that jumps ahead at every look hurries nothing', async () => {
  const dir = used(join(root, 'clock'))
  const real = Date.now.bind(Date)
  let looks = 0
  mock.method(Date, 'now', () => real() + ++looks * 3_600_000)
  try {
    const server = await startEmbedded({ dir, fsync: false })
    assert.ok(await answers(server.url))
    await server[Symbol.asyncDispose]()
  } finally {
    mock.restoreAll()
  }
  assert.equal(findPostmaster(dir), undefined)
})
