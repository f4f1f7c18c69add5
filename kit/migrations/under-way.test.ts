// Migrations while the shop runs: what others hold, what they wait for, and what a killed migrator leaves.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openClient, type OpenClient } from '@kit/postgres/connection/client'
import { migrate } from './migrate.ts'
import { scratchDatabase } from './template.ts'
import { empty, scratch, type Scratch } from './test-scratch.ts'
import { testServer } from '@kit/embedded-postgres/test-server'

const OLD_KEY = 0x6172676f
/** Quick enough for a test, in the same proportions. */
const waits = { wait: 300, pause: 150, patience: 20_000 }

type Shop = AsyncDisposable & {
  readonly url: string
  readonly options: Parameters<typeof migrate>[0]
  readonly connect: (name?: string) => Promise<OpenClient>
  readonly rows: <Row>(text: string) => Promise<readonly Row[]>
}

/** A database whose schema `shop` has a table `thing` with 1,000 rows; further files are the test's. */
const shopOf = async (files: Scratch): Promise<Shop> => {
  await using owned = new AsyncDisposableStack()
  const database = owned.use(await empty())
  files.write('shop/0001-thing.sql', 'create table thing as select id, id % 7 as kind from generate_series(1, 1000) id')
  const options = { url: database.url, schemas: [{ name: 'shop', folders: [files.folder('shop')] }], waits }
  await migrate(options)
  const kept = owned.move()
  const connect = async (name = 'a customer'): Promise<OpenClient> => {
    const client = await openClient({ url: database.url, name, patience: 120_000 })
    kept.use(client)
    return client
  }
  const looker = await connect('a test')
  const rows = async <Row>(text: string): Promise<readonly Row[]> => (await looker.query(text)).rows as Row[]
  return { url: database.url, options, connect, rows, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const until = async (what: string, held: () => Promise<boolean>): Promise<void> => {
  for (const end = performance.now() + 15_000; !(await held()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`)
  }
}

const migratorWaits =
  ({ rows }: Shop, on = '') =>
  async () =>
    (
      await rows(`select from pg_stat_activity where application_name = 'argosy migrate' and datname = current_database()
                  and wait_event_type = 'Lock' and wait_event like '${on}%'`)
    ).length > 0

test('a lock that is not to be had is asked for again and again, and nobody waits behind it for longer', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  const reader = await shop.connect('a long report')
  await reader.query('begin; select from shop.thing')
  files.write('shop/0002-column.sql', 'alter table thing add column colour text')
  const told: string[] = []
  const log = { warn: (fields: Readonly<Record<string, unknown>>) => void told.push(String(fields['obstacle'])) }
  const migrating = migrate({ ...shop.options, log })
  await until('it waits', migratorWaits(shop))
  const customer = await shop.connect()
  const slowest = await slowestOf(customer, () => told.length >= 2)
  assert.ok(slowest < 2 * waits.wait, `a customer waited for ${slowest} ms`)
  assert.match(told[0] ?? '', /^shop\.thing, held by pid \d+ \(a long report, in a transaction for \d+ s\)$/)
  await reader.query('commit')
  assert.deepEqual(await migrating, [{ schema: 'shop', file: (await lastFile(shop)) ?? '' }])
})

/** Ms of the slowest look at the table until enough has happened. */
const slowestOf = async (client: OpenClient, enough: () => boolean): Promise<number> => {
  let slowest = 0
  await until('enough has been told', async () => {
    const began = performance.now()
    await client.query('select count(*) from shop.thing')
    slowest = Math.max(slowest, performance.now() - began)
    return enough()
  })
  return slowest
}

const lastFile = async ({ rows }: Shop): Promise<string | undefined> =>
  (await rows<{ file: string }>('select file from shop.migration order by file')).at(-1)?.file

test('after its time it says which file, which table and who, and nothing of it is left', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  const reader = await shop.connect('a long report')
  await reader.query('begin; select from shop.thing')
  const { rows } = await reader.query<{ pid: number }>('select pg_backend_pid() as pid')
  files.write('shop/0002-column.sql', 'create table other (id int); alter table thing add column colour text')
  const began = performance.now()
  await assert.rejects(migrate({ ...shop.options, waits: { ...waits, patience: 3_000 } }), ({ message }: Error) => {
    assert.match(message, /0002-column\.sql of shop was tried for 3 s/)
    assert.match(
      message,
      new RegExp(`for shop\\.thing, held by pid ${rows[0]?.pid} \\(a long report, in a transaction`),
    )
    return true
  })
  assert.ok(performance.now() - began < 6_000)
  assert.deepEqual(await shop.rows(`select to_regclass('shop.other') as other`), [{ other: null }])
  await reader.query('commit')
  assert.equal((await migrate(shop.options)).length, 1)
})

test('an index is built outside a transaction while a customer writes, and without a transaction id', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  const writer = await shop.connect('a slow writer')
  await writer.query(`begin; update shop.thing set kind = 8 where id = 1`)
  files.write(
    'shop/0002-index.sql',
    '-- outside a transaction\ncreate index concurrently thing_kind on thing (kind);\n',
  )
  const migrating = migrate(shop.options)
  await until('it waits for the writer', migratorWaits(shop, 'virtualxid'))
  const customer = await shop.connect()
  await customer.query(`set lock_timeout = 100; insert into shop.thing values (1001, 1)`)
  // More than one wait of others, so that its own is seen to be longer.
  const from = performance.now()
  await until('it goes on waiting', async () => {
    assert.deepEqual(
      await shop.rows(`select from pg_stat_activity where application_name = 'argosy migrate'
      and datname = current_database() and backend_xid is not null`),
      [],
    )
    assert.ok(await migratorWaits(shop)())
    return performance.now() - from > 3 * waits.wait
  })
  await writer.query('commit')
  assert.equal((await migrating).length, 1)
  assert.deepEqual(await shop.rows(VALID), [{ valid: true }])
  assert.deepEqual(await migrate(shop.options), [])
})

const VALID = `select indisvalid as valid from pg_index where indexrelid = to_regclass('shop.thing_kind')`

test('a migrator that dies while it builds an index leaves a useless one; the next drops it and builds', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  const writer = await shop.connect('a slow writer')
  await writer.query('begin; update shop.thing set kind = 8 where id = 1')
  files.write('shop/0002-index.sql', '-- outside a transaction\ncreate index concurrently thing_kind on thing (kind)')
  const migrating = migrate(shop.options)
  migrating.catch(() => undefined)
  await until('the index is there, and it waits', async () => (await shop.rows(VALID)).length > 0)
  await shop.rows(`select pg_terminate_backend(pid) from pg_stat_activity
                    where application_name = 'argosy migrate' and datname = current_database()`)
  await assert.rejects(migrating)
  await writer.query('commit')
  assert.deepEqual(await shop.rows(VALID), [{ valid: false }])
  assert.equal((await migrate(shop.options)).length, 1)
  assert.deepEqual(await shop.rows(VALID), [{ valid: true }])
})

test('an index whose builder died before that was noted is not built again', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  files.write('shop/0002-index.sql', '-- outside a transaction\ncreate index concurrently thing_kind on thing (kind)')
  await migrate(shop.options)
  const before = await shop.rows(`select to_regclass('shop.thing_kind')::oid`)
  await shop.rows(`delete from shop.migration where file like '%0002%'`)
  assert.equal((await migrate(shop.options)).length, 1)
  assert.deepEqual(await shop.rows(`select to_regclass('shop.thing_kind')::oid`), before)
})

test('an index can be built while a release before this one waits to migrate, and many of this one', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  files.write('shop/0002-long.sql', `select pg_sleep(0.5)`)
  files.write('shop/0003-index.sql', '-- outside a transaction\ncreate index concurrently thing_kind on thing (kind)')
  files.write('shop/0004-last.sql', 'create table last (id int)')
  const starting = [migrate(shop.options), migrate(shop.options), migrate(shop.options)]
  await until(
    'it works',
    async () => (await shop.rows(`select from pg_stat_activity where wait_event = 'PgSleep'`)).length > 0,
  )
  const old = await shop.connect('the last release')
  await old.query('select pg_advisory_lock($1)', [OLD_KEY])
  await old.query('select pg_advisory_unlock($1)', [OLD_KEY])
  const applied = (await Promise.all(starting)).map(({ length }) => length)
  assert.deepEqual(
    applied.toSorted((a, b) => a - b),
    [0, 0, 3],
  )
})

test('who waits for its turn has no snapshot and no transaction id, and says who has kept it from it', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  const old = await shop.connect('a release that stands still')
  await old.query('select pg_advisory_lock($1)', [OLD_KEY])
  const migrating = migrate({ ...shop.options, waits: { ...waits, turn: 1_000 } })
  migrating.catch(() => undefined)
  let looks = 0
  await until('many looks', async () => {
    const snapshots = await shop.rows(`select from pg_locks l join pg_stat_activity a using (pid)
       where application_name = 'argosy migrate' and datname = current_database() and not l.granted`)
    assert.deepEqual(snapshots, [])
    return ++looks > 20
  })
  await assert.rejects(migrating, /migrating this database for more than 1 s: pid \d+ \(a release that stands still/)
})

test('a file that cannot be run again outside a transaction is refused before anything runs', async () => {
  using files = scratch()
  await using database = await empty()
  const options = { url: database.url, schemas: [{ name: 'shop', folders: [files.folder('shop')] }] }
  const refused = (text: string, reason: RegExp) => {
    files.write('shop/0001-a.sql', `-- outside a transaction\n${text}`)
    return assert.rejects(migrate(options), reason)
  }
  await refused('create index concurrently a on t (x); create index concurrently b on t (y)', /has 2 statements/)
  await refused('create index concurrently on t (x)', /0001-a\.sql runs outside a transaction, where only/)
  await refused('create index concurrently if not exists a on t (x)', /where only/)
  await refused('drop index concurrently a', /where only/)
  await refused('update t set x = 1', /where only/)
})

test('a procedure may commit in between, under the role of its schema', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  files.write(
    'shop/0002-fill.sql',
    `create procedure fill() language plpgsql as $$ begin
       for part in 0..9 loop update thing set kind = 9 where id % 10 = part; commit; end loop;
     end $$`,
  )
  files.write('shop/0003-call.sql', '-- outside a transaction\ncall fill()')
  await migrate(shop.options)
  assert.deepEqual(await shop.rows('select count(distinct xmin::text)::int as commits from shop.thing'), [
    { commits: 10 },
  ])
})

test('a shared table that takes the place of another is open to its readers from the same moment on', async () => {
  using files = scratch()
  await using shop = await shopOf(files)
  files.write('log/0001-line.sql', 'create table line (id int)')
  const log = { name: 'log', folders: [files.folder('log')], sharedWith: ['shop'] }
  const options = { ...shop.options, schemas: [log, ...shop.options.schemas] }
  await migrate(options)
  const reader = await shop.connect()
  await reader.query('set role argosy_shop')
  files.write('log/0002-other.sql', 'drop table line; create table line (id bigint) partition by range (id)')
  files.write('log/0003-slow.sql', 'select pg_sleep(0.5)')
  const migrating = migrate(options)
  await until('the second has been applied', async () => (await shop.rows('select from log.migration')).length === 2)
  await reader.query('select from log.line')
  await migrating
  // A migrator that was killed in between has left a table without rights, by whatever way.
  await shop.rows('revoke all on log.line from argosy_shop')
  await migrate(options)
  await reader.query('select from log.line')
})

/** AuthenticationOk, ReadyForQuery (idle). */
const LET_IN = Buffer.from([...Buffer.from('R'), 0, 0, 0, 8, 0, 0, 0, 0, ...Buffer.from('Z'), 0, 0, 0, 5, 0x49])

test(
  'a server that lets nobody in is given up, and one that lets in and says no more',
  { timeout: 30_000 },
  async () => {
    using files = scratch()
    let isOpen = false
    const silent = createServer((socket) => {
      socket.on('error', () => undefined)
      if (isOpen) socket.once('data', () => socket.write(LET_IN))
    }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    files.write('shop/0001-a.sql', 'select 1')
    const schemas = [{ name: 'shop', folders: [files.folder('shop')] }]
    const outcome = migrate({ url: `postgresql://shop@127.0.0.1:${port}/shop`, schemas, waits: { connect: 500 } })
    await assert.rejects(outcome, /no connection to PostgreSQL at 127\.0\.0\.1:\d+\/\w+ within 500 ms: it accepts/)
    isOpen = true
    const later = migrate({ url: `postgresql://shop@127.0.0.1:${port}/shop`, schemas, waits: { connect: 500 } })
    await assert.rejects(later, /no answer within 500 ms to: select pg_backend_pid/)
    silent.close()
  },
)

test('a template is made by the same rules', async () => {
  using files = scratch()
  files.write('shop/0001-thing.sql', 'create table thing (id int)')
  files.write('shop/0002-index.sql', '-- outside a transaction\ncreate index concurrently thing_id on thing (id)')
  await using database = await scratchDatabase({
    url: await testServer(),
    schemas: [{ name: 'shop', folders: [files.folder('shop')] }],
  })
  assert.ok(database.url)
})
