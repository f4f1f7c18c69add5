import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { startEmbedded } from '../embedded.ts'
import { findPostmaster } from '../folder.ts'
import { backUp } from './backup.ts'
import { checkBackup, restore } from './restore.ts'
import { headerOf, paddingOf, TAIL } from './tar.ts'

const root = mkdtempSync(join(tmpdir(), 'argosy-backup-'))
const dir = join(root, 'shop', 'pg')
const whole = join(root, 'whole.tar.gz')
const { signal } = new AbortController()
const start = (at: string) => startEmbedded({ dir: at, fsync: false })

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
const ask = async (url: string, text: string): Promise<readonly Record<string, unknown>[]> => {
  const client = await connect(url)
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

before(async () => {
  await using server = await start(dir)
  await ask(server.url, 'create table account as select n, 100 as amount from generate_series(1, 1000) as n')
  await backUp({ dir, url: server.url, file: whole, signal })
})
after(() => rmSync(root, { recursive: true }))

test('a backup of a database that is written to is whole, and of the moment at which it ended', async () => {
  await using server = await start(dir)
  const client = await connect(server.url)
  let moved = 0
  let isOver = false
  // Money goes round, tables come, grow, shrink and go, checkpoints are made: the sum stays.
  const writing = (async () => {
    while (!isOver) {
      await client.query('begin')
      await client.query('update account set amount = amount - 1 where n = 1 + $1::int % 1000', [moved])
      await client.query('update account set amount = amount + 1 where n = 1 + ($1::int * 7) % 1000', [moved])
      await client.query('commit')
      if (++moved % 20 === 0) {
        await client.query('drop table if exists passing')
        await client.query("create table passing as select repeat('x', 500) as x from generate_series(1, 5000)")
        await client.query('checkpoint')
        await client.query('truncate passing')
        await client.query('select pg_switch_wal()')
      }
    }
  })()
  const file = join(root, 'busy.tar.gz')
  while (moved < 5) await sleep(1)
  const before = moved
  const done = await backUp({ dir, url: server.url, file, signal })
  const during = moved
  isOver = true
  await writing
  await client.query('insert into account values (0, 0)')
  await client.end()
  assert.ok(done.packed < done.bytes)
  assert.ok(during > before, 'it was written to meanwhile')

  const copy = join(root, 'copy', 'pg')
  const { files, moved: aside } = await restore({ file, dir: copy, signal })
  assert.deepEqual([files, aside], [done.files, false])
  await using again = await start(copy)
  assert.deepEqual(await ask(again.url, 'select count(*)::int as n, sum(amount)::int as sum from account'), [
    { n: 1000, sum: 100_000 },
  ])
  await ask(again.url, 'create table later as select 1 as n')
  assert.deepEqual(await ask(again.url, 'select n from later'), [{ n: 1 }])
})

test('the slot that keeps the log ends with the backup', async () => {
  await using server = await start(dir)
  await backUp({ dir, url: server.url, file: join(root, 'slot.tar.gz'), signal })
  assert.deepEqual(await ask(server.url, 'select slot_name from pg_replication_slots'), [])
})

test('a backup that is killed leaves the server unharmed, and its half is gone after the next', async () => {
  const place = join(root, 'killed')
  mkdirSync(place)
  const file = join(place, 'b.tar.gz')
  await using server = await start(dir)
  const program = `
    import { backUp } from ${JSON.stringify(new URL('backup.ts', import.meta.url).href)}
    const options = { dir: ${JSON.stringify(dir)}, url: ${JSON.stringify(server.url)}, file: ${JSON.stringify(file)} }
    await backUp({ ...options, signal: new AbortController().signal, progress: () => {
      process.stdout.write('.')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
    } })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.deepEqual(readdirSync(place), [`b.tar.gz.part-${child.pid}`])
  assert.deepEqual(await ask(server.url, 'select count(*)::int as n from account where n > 0'), [{ n: 1000 }])
  await backUp({ dir, url: server.url, file, signal })
  assert.deepEqual(readdirSync(place), ['b.tar.gz'])
  assert.deepEqual(await ask(server.url, 'select slot_name from pg_replication_slots'), [])
})

test('a backup that is given up leaves nothing', async () => {
  await using server = await start(dir)
  const giveUp = new AbortController()
  const file = join(root, 'given-up', 'b.tar.gz')
  mkdirSync(join(root, 'given-up'))
  const going = backUp({ dir, url: server.url, file, signal: giveUp.signal, progress: () => giveUp.abort() })
  await assert.rejects(going, { name: 'AbortError' })
  assert.deepEqual(readdirSync(join(root, 'given-up')), [])
  assert.ok(await ask(server.url, 'select 1'))
})

test('what leads out of the data folder is told, not forgotten', async () => {
  const odd = join(root, 'odd', 'pg')
  await restore({ file: whole, dir: odd, signal })
  symlinkSync('/etc/hostname', join(odd, 'elsewhere'))
  await using server = await start(odd)
  const going = backUp({ dir: odd, url: server.url, file: join(root, 'odd.tar.gz'), signal })
  await assert.rejects(going, { name: 'EmbeddedFailure', message: /elsewhere leads out of the data folder/ })
})

/** An archive with these files, as the backup writes it. */
const packed = (files: Readonly<Record<string, string>>): Buffer => {
  const parts = Object.entries(files).flatMap(([path, text]) => {
    const content = Buffer.from(text)
    return [headerOf({ path, size: content.length, mtime: 0, isFolder: false }), content, paddingOf(content.length)]
  })
  return gzipSync(Buffer.concat([...parts, TAIL]))
}
/** The whole backup with one byte changed, so that the compression does not notice. */
const altered = (at: (tar: Buffer) => number): Buffer => {
  const tar = gunzipSync(readFileSync(whole))
  const place = at(tar)
  tar.writeUInt8(tar.readUInt8(place) ^ 1, place)
  return gzipSync(tar, { level: 1 })
}
const bad: Readonly<Record<string, readonly [content: () => Buffer, why: RegExp]>> = {
  'an empty file': [() => Buffer.alloc(0), /ends too early/],
  'a text': [() => Buffer.from('begin; create table t (n int); commit;'), /is no archive/],
  'a compressed text': [() => gzipSync('x'.repeat(2_000)), /is no archive/],
  'half a backup': [() => readFileSync(whole).subarray(0, 2_000_000), /ends too early/],
  'a backup without its last byte': [() => readFileSync(whole).subarray(0, -1), /ends too early/],
  'a backup with a changed byte': [
    () => {
      const content = Buffer.from(readFileSync(whole))
      content.writeUInt8(content.readUInt8(1_500_000) ^ 1, 1_500_000)
      return content
    },
    /is no archive|missing or altered|ends too early/,
  ],
  'a backup with a changed byte in a table': [
    () => altered((tar) => tar.indexOf('PG_VERSION') + 512),
    /PG_VERSION is missing or altered/,
  ],
  'a backup whose list was changed': [
    () => altered((tar) => tar.lastIndexOf('"Checksum": "') + 13),
    /list of files.* altered/,
  ],
  'another archive': [() => packed({ 'holiday.jpg': 'sun' }), /backup_manifest, is missing/],
  'an archive that leads elsewhere': [() => packed({ '../../evil': 'x' }), /holds what no backup does/],
  'an archive of an absolute path': [() => packed({ '/tmp/evil': 'x' }), /holds what no backup does/],
}
for (const [what, [content, why]] of Object.entries(bad)) {
  test(`${what} is refused, and nothing is changed`, async () => {
    const place = mkdtempSync(join(root, 'bad-'))
    const file = join(place, 'file')
    writeFileSync(file, content())
    mkdirSync(join(place, 'pg'))
    writeFileSync(join(place, 'pg', 'precious'), 'data')
    const refusal = { name: 'EmbeddedFailure', message: why }
    await assert.rejects(restore({ file, dir: join(place, 'pg'), aside: join(place, 'aside'), signal }), refusal)
    await assert.rejects(checkBackup(file, signal), refusal)
    assert.deepEqual(readdirSync(place).toSorted(), ['file', 'pg'])
    assert.equal(readFileSync(join(place, 'pg', 'precious'), 'utf8'), 'data')
  })
}

test('a file that is not there is told', async () => {
  await assert.rejects(checkBackup(join(root, 'nowhere'), signal), { message: /there is no file .*nowhere/ })
})

test('what was there is moved away when it may be, and is as it was', async () => {
  const used = join(root, 'used', 'pg')
  cpSync(dir, used, { recursive: true })
  appendFileSync(join(used, 'mine'), 'kept')
  await assert.rejects(restore({ file: whole, dir: used, signal }), { message: /is not empty/ })
  const aside = `${used}.before-1`
  assert.equal((await restore({ file: whole, dir: used, aside, signal })).moved, true)
  assert.equal(readFileSync(join(aside, 'mine'), 'utf8'), 'kept')
  assert.equal(existsSync(join(used, 'mine')), false)
  await using server = await start(used)
  assert.deepEqual(await ask(server.url, 'select count(*)::int as n from account'), [{ n: 1000 }])
})

test('a server that a kill -9 of its starter has left behind is no obstacle', async () => {
  const left = join(root, 'left', 'pg')
  const starter = `import { startEmbedded } from ${JSON.stringify(new URL('../embedded.ts', import.meta.url).href)}
    await startEmbedded({ dir: ${JSON.stringify(left)}, fsync: false })
    process.kill(process.pid, 'SIGKILL')`
  await once(spawn(process.execPath, ['--input-type=module', '-e', starter], { stdio: 'ignore' }), 'exit')
  assert.ok(findPostmaster(left), 'it runs')
  const aside = `${left}.before-1`
  assert.equal((await restore({ file: whole, dir: left, aside, signal })).moved, true)
  assert.equal(findPostmaster(aside), undefined)
})

test('a folder in use is left alone, whatever was asked', async () => {
  await using server = await start(dir)
  const aside = `${dir}.before-2`
  await assert.rejects(restore({ file: whole, dir, aside, signal }), { message: /is in use \(process \d+\)/ })
  assert.ok(await ask(server.url, 'select 1'))
})
