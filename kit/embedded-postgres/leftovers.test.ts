// What killed starts leave behind.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { removeLeftovers } from './leftovers.ts'
import { startEmbedded } from './embedded.ts'
import { findPostmaster } from './folder.ts'

const root = mkdtempSync(join(tmpdir(), 'argosy-leftovers-'))
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

before(async () => {
  await using server = await startEmbedded({ dir: made, fsync: false })
  await ask(server.url, 'create table kept as select 1 as n')
})
after(() => rmSync(root, { recursive: true }))

const program = (dir: string): string => `
  import { startEmbedded } from ${JSON.stringify(new URL('embedded.ts', import.meta.url).href)}
  const server = await startEmbedded({ dir: ${JSON.stringify(dir)}, fsync: false })
  process.stdout.write('ready')
  setInterval(() => undefined, 1000)`
const starter = (dir: string) =>
  spawn(process.execPath, ['--input-type=module', '-e', program(dir)], { stdio: ['ignore', 'pipe', 'ignore'] })

test('what a start leaves half-made that was killed is gone after the next', async () => {
  const place = join(root, 'killed')
  const dir = join(place, 'pg')
  const killed = starter(dir)
  await until('it makes the folder', () => existsSync(`${dir}.new-${killed.pid}`))
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  assert.ok(existsSync(`${dir}.new-${killed.pid}`))
  // Of somebody who lives, and of no start at all.
  mkdirSync(`${dir}.new-${process.ppid}`)
  mkdirSync(`${dir}.new-house`)
  mkdirSync(`${dir}.before-1`)
  await using server = await startEmbedded({ dir, fsync: false })
  assert.ok(await ask(server.url, 'select 1'))
  // Its initdb may have outlived it and made the folder again: then that is the next start's.
  await until('it is gone', () => {
    removeLeftovers(dir)
    return !existsSync(`${dir}.new-${killed.pid}`)
  })
  assert.deepEqual(
    readdirSync(place).toSorted(),
    ['pg', 'pg.before-1', 'pg.new-house', `pg.new-${process.ppid}`].toSorted(),
  )
})

const long = (name: string): string => join(root, name, 'x'.repeat(60), 'y'.repeat(60))
const socketsOf = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => /^argosy-[0-9a-f]{16}$|^argosy-[A-Za-z0-9]{6}$/.test(name))

test('the folder of a socket is used again after a kill, and gone after a stop', async () => {
  const dir = used(long('socket'))
  const before = new Set(socketsOf())
  const killed = starter(dir)
  await once(killed.stdout, 'data')
  killed.kill('SIGKILL')
  process.kill(postmasterOf(dir), 'SIGKILL')
  await until('the server is gone', () => findPostmaster(dir) === undefined)
  assert.equal(socketsOf().filter((name) => !before.has(name)).length, 1)
  await using server = await startEmbedded({ dir, fsync: false })
  assert.ok(await answers(server.url))
  assert.equal(socketsOf().filter((name) => !before.has(name)).length, 1)
  await server[Symbol.asyncDispose]()
  assert.equal(socketsOf().filter((name) => !before.has(name)).length, 0)
})

test('the folder of a socket that somebody else has made is refused', { skip: process.getuid?.() !== 0 }, async () => {
  const dir = used(long('stolen'))
  const folder = join(tmpdir(), `argosy-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`)
  mkdirSync(folder, { mode: 0o700 })
  chownSync(folder, 12_345, 12_345)
  try {
    await assert.rejects(startEmbedded({ dir, fsync: false }), {
      name: 'EmbeddedFailure',
      message: /is not ours alone: remove it/,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
