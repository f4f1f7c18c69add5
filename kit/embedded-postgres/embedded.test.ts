import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { isAlive } from './alive.ts'
import { findPostmaster } from './folder.ts'
import { startEmbedded } from './embedded.ts'

const root = mkdtempSync(join(tmpdir(), 'argosy-embedded-'))
const made = join(root, 'made', 'pg')

const start = (dir: string) => startEmbedded({ dir, fsync: false })
const postmasterOf = (dir: string): number => findPostmaster(dir)?.pid ?? assert.fail(`no server runs on ${dir}`)
const ask = async (url: string, text: string): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
/** A folder that was used before and has a table `kept` with one row. */
const used = (name: string): string => {
  const dir = join(root, name)
  cpSync(made, dir, { recursive: true })
  return dir
}
const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + 20_000; !(await holds()); await sleep(10)) {
    if (Date.now() > deadline) assert.fail(`still not so after 20 s: ${what}`)
  }
}

// A first start: makes the folder and all folders above it.
before(async () => {
  await using server = await start(made)
  await ask(server.url, 'create table kept as select 1 as n')
})
after(() => rmSync(root, { recursive: true }))

test('stops without leaving anything behind, and finds its data at the next start', async () => {
  assert.equal(findPostmaster(made), undefined)
  let pid
  {
    await using server = await start(made)
    pid = postmasterOf(made)
    assert.deepEqual(await ask(server.url, 'select n from kept'), [{ n: 1 }])
    const [row] = await ask(
      server.url,
      `select current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as tcp,
              current_setting('server_encoding') as encoding, upper('ä') as upper, current_setting('timezone') as zone`,
    )
    assert.deepEqual(row, { commit: 'on', tcp: '', encoding: 'UTF8', upper: 'Ä', zone: 'UTC' })
  }
  assert.equal(isAlive(pid), false)
})

test('syncs to the disk unless told otherwise', async () => {
  await using server = await startEmbedded({ dir: used('synced') })
  assert.deepEqual(await ask(server.url, 'show fsync'), [{ fsync: 'on' }])
})

test('two that start on a new folder at the same time share one server; the last one stops it', async () => {
  const dir = join(root, 'shared')
  const [one, two] = await Promise.all([start(dir), start(dir)])
  assert.equal(one.url, two.url)
  const pid = postmasterOf(dir)
  await one[Symbol.asyncDispose]()
  assert.deepEqual(await ask(two.url, 'select 1 as n'), [{ n: 1 }])
  await two[Symbol.asyncDispose]()
  assert.equal(isAlive(pid), false)
})

test('a server whose starter was killed is adopted by the next one, and stopped by it', async () => {
  const dir = used('adopted')
  const program = `
    import { startEmbedded } from ${JSON.stringify(new URL('embedded.ts', import.meta.url).href)}
    const server = await startEmbedded({ dir: ${JSON.stringify(dir)}, fsync: false })
    process.stdout.write(server.url)`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = await once(starter.stdout, 'data')
  const pid = postmasterOf(dir)
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  assert.ok(isAlive(pid), 'the server outlives its starter')
  {
    await using server = await start(dir)
    assert.equal(postmasterOf(dir), pid)
    assert.equal(server.url, String(url))
    assert.deepEqual(await ask(server.url, 'select n from kept'), [{ n: 1 }])
  }
  assert.equal(isAlive(pid), false)
})

test('a server that is killed is started again at the same address', async () => {
  const dir = used('killed')
  await using server = await start(dir)
  const pid = postmasterOf(dir)
  process.kill(pid, 'SIGKILL')
  await until('the server answers again', async () => {
    try {
      return findPostmaster(dir)?.pid !== pid && (await ask(server.url, 'select n from kept')).length === 1
    } catch {
      return false
    }
  })
})

test('a killed server is started again although its children linger and write into the log', async () => {
  const dir = used('lingering')
  await using server = await start(dir)
  const holding = new pg.Client({ connectionString: server.url })
  holding.on('error', () => undefined)
  await holding.connect()
  const pid = Number((await holding.query('select pg_backend_pid() as pid')).rows[0]?.pid)
  process.kill(pid, 'SIGSTOP')
  process.kill(postmasterOf(dir), 'SIGKILL')
  const log = join(dir, 'server.log')
  const attempts = (): number => readFileSync(log, 'utf8').split('pre-existing shared memory block').length - 1
  await until('three attempts have met the child', () => {
    appendFileSync(log, 'FATAL:  terminating connection due to unexpected postmaster exit\n'.repeat(2))
    return attempts() >= 3
  })
  process.kill(pid, 'SIGCONT')
  await until('the server answers again', () =>
    ask(server.url, 'select 1')
      .then(() => true)
      .catch(() => false),
  )
  assert.deepEqual(await ask(server.url, 'select n from kept'), [{ n: 1 }])
})

test('a process that happens to have the id of the last server is not taken for it', async () => {
  const dir = used('stranger')
  writeFileSync(join(dir, 'postmaster.pid'), `${process.pid}\n${dir}\n0\n5432\n${dir}\n\n\nready\n`)
  await using server = await start(dir)
  assert.notEqual(postmasterOf(dir), process.pid)
  assert.deepEqual(await ask(server.url, 'select n from kept'), [{ n: 1 }])
})

test('a path too long for a socket puts the socket elsewhere', async () => {
  const dir = used(join('x'.repeat(60), 'y'.repeat(60)))
  await using server = await start(dir)
  assert.deepEqual(await ask(server.url, 'select n from kept'), [{ n: 1 }])
})

test('root may keep its data where nobody else gets to', { skip: process.getuid?.() !== 0 }, async () => {
  mkdirSync(join(root, 'closed'), { mode: 0o700 })
  const dir = used('closed/pg')
  await using server = await start(dir)
  assert.deepEqual(await ask(server.url, 'select n from kept'), [{ n: 1 }])
})

test('a folder that is no data folder, or of another version, is left alone', async () => {
  const dir = join(root, 'photos')
  mkdirSync(dir)
  writeFileSync(join(dir, 'cat.jpg'), 'meow')
  const complaint = {
    name: 'EmbeddedFailure',
    message: new RegExp(`^${dir} is not a PostgreSQL data folder .*: move it away`),
  }
  await assert.rejects(start(dir), complaint)
  assert.equal(readFileSync(join(dir, 'cat.jpg'), 'utf8'), 'meow')
  const old = used('old')
  writeFileSync(join(old, 'PG_VERSION'), '15\n')
  await assert.rejects(start(old), /is of PostgreSQL 15, not 18/)
})

test('a broken folder is told in one line, with what the server said', async () => {
  const dir = used('broken')
  truncateSync(join(dir, 'global/pg_control'), 100)
  await assert.rejects(start(dir), (error: Error) => {
    assert.equal(error.name, 'EmbeddedFailure')
    assert.match(error.message, /^PostgreSQL does not start on .*broken: .*pg_control.*server\.log.*move it away/)
    assert.ok(!error.message.includes('\n'))
    return true
  })
})

test('a folder whose place cannot be written to is told in one line', async () => {
  writeFileSync(join(root, 'file'), '')
  await assert.rejects(start(join(root, 'file', 'pg')), {
    name: 'EmbeddedFailure',
    message: /cannot be used \(ENOTDIR\)/,
  })
})
