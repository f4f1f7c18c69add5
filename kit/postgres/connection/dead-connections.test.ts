import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isTransient } from '@kit/fault/fault'
import { TcpProxy } from '@kit/testing/tcp-proxy'
import { openDatabase } from '../database.ts'
import { openSession } from '../session.ts'
import { inline, till } from '../test-database.ts'
import { openClient } from './client.ts'

const NEVER = 3_600_000
const one = inline<{ n: number }>('select 1 as n')
const nap = inline('select pg_sleep(60)')

type Place = AsyncDisposable & { readonly net: TcpProxy; readonly url: string }

/** A database, and a network before it. */
const place = async (): Promise<Place> => {
  const owned = new AsyncDisposableStack()
  const { url } = owned.use(await till('create table coin (id int primary key, owner text)'))
  const net = owned.use(await TcpProxy.before(url))
  return { net, url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** What an act throws, and after how many milliseconds. */
const failure = async (act: Promise<unknown>): Promise<{ readonly error: any; readonly after: number }> => {
  const began = performance.now()
  try {
    await act
  } catch (error) {
    return { error, after: performance.now() - began }
  }
  return assert.fail('it did not fail')
}

const timeOf = async (act: PromiseLike<unknown>): Promise<number> => {
  const began = performance.now()
  await act
  return performance.now() - began
}

/** TCP connections of this process: both ends of those between it and its own proxy. */
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

test('however often a connection has rested longer than its patience: once silent, it is given up', async () => {
  await using shop = await place()
  await using db = openDatabase({ url: shop.net.url, service: 'till', max: 1, patience: 150, askEvery: NEVER })
  for (let rests = 0; rests < 3; rests++) {
    await db.query(one)
    await sleep(200)
  }
  shop.net.silenceExisting()
  const { error, after } = await failure(db.query(one))
  assert.equal(error.code, 'CONNECTION_LOST')
  assert.match(error.message, /PostgreSQL has said nothing for 150 ms/)
  assert.ok(after < 1_000, `${after} ms`)
  assert.deepEqual(await db.query(one), [{ n: 1 }])
})

test('connections that fall silent while they rest are found before anybody needs them', async () => {
  await using shop = await place()
  await using db = openDatabase({ url: shop.net.url, service: 'till', max: 3, askEvery: 50 })
  await Promise.all([db.query(one), db.query(one), db.query(one)])
  await sleep(200)
  assert.equal(db.stats().connections.idle, 3, 'those that answer stay')
  shop.net.silenceExisting()
  const began = performance.now()
  while (db.stats().connections.open > 0) {
    assert.ok(performance.now() - began < 2_000, 'they are still there')
    await sleep(10)
  }
  assert.ok((await timeOf(db.query(one))) < 1_000)
})

test('when one that rests is found silent, those at work do not wait for their whole patience', async () => {
  await using shop = await place()
  await using busy = openDatabase({ url: shop.net.url, service: 'till', max: 1, askEvery: NEVER })
  await using quiet = openDatabase({ url: shop.net.url, service: 'till', max: 1, askEvery: 50 })
  await Promise.all([busy.query(one), quiet.query(one)])
  shop.net.silenceExisting()
  assert.ok((await timeOf(assert.rejects(busy.query(one), /said nothing for/))) < 4_000)
})

test('to the server, asking is no statement and no transaction', async () => {
  await using shop = await place()
  await using admin = await openClient({ url: shop.url, name: 'admin' })
  await using db = openDatabase({ url: shop.net.url, service: 'till', max: 1, askEvery: 20 })
  await db.query(one)
  const seen = async (): Promise<any> =>
    (
      await admin.query(
        `select query, query_start::text, xact_start, state_change::text, state from pg_stat_activity
          where application_name = 'argosy till' and datname = current_database()`,
      )
    ).rows[0]
  const { state_change: before, ...was } = await seen()
  const began = performance.now()
  let { state_change: asked, ...is } = await seen()
  for (; asked === before; { state_change: asked, ...is } = await seen())
    assert.ok(performance.now() - began < 2_000, 'nobody has asked')
  assert.deepEqual(is, was)
  assert.deepEqual([is.query, is.xact_start, is.state], ['select 1 as n', null, 'idle'])
})

test('a pool whose connections are silent is closed at once, and leaves no socket open', async () => {
  await using shop = await place()
  const before = sockets()
  const db = openDatabase({ url: shop.net.url, service: 'till', max: 3, askEvery: NEVER })
  await Promise.all([db.query(one), db.query(one)])
  shop.net.silence()
  assert.ok((await timeOf(db[Symbol.asyncDispose]())) < 1_000)
  await sleep(600)
  assert.equal(sockets(), before + 2, 'the ends of the proxy, which hear nothing of it')
})

test('a session that is silent is lost within its patience, and says what it waited for', async () => {
  await using shop = await place()
  const asks = {
    query: (session) => session.query('select pg_try_advisory_lock($1)', [7]),
    listen: (session) => session.listen('news', () => undefined),
    notify: (session) => session.notify('news', 'hello'),
  } satisfies Record<string, (session: Awaited<ReturnType<typeof openSession>>) => Promise<unknown>>
  for (const [name, ask] of Object.entries(asks)) {
    const session = await openSession(shop.net.url, { patience: 150 })
    await session.query('select 1')
    shop.net.silenceExisting()
    const { error, after } = await failure(ask(session))
    assert.ok(isTransient(error), name)
    assert.match(error.message, /no answer within 150 ms to: (select pg_|listen "news")/)
    assert.ok(after < 1_000, `${name} took ${after} ms`)
    assert.equal(session.lost, true)
    assert.ok(isTransient((await failure(session.query('select 2'))).error), 'and what comes after fails as well')
    assert.ok((await timeOf(session[Symbol.asyncDispose]())) < 100)
  }
})

test('a session with a silent server is closed at once', async () => {
  await using shop = await place()
  const session = await openSession(shop.net.url)
  shop.net.silence()
  const asking = failure(session.query('select 1'))
  assert.ok((await timeOf(session[Symbol.asyncDispose]())) < 1_000)
  assert.ok(isTransient((await asking).error))
  assert.equal(session.lost, true)
})

test('a session of a server that is well survives a statement that takes too long', async () => {
  await using shop = await place()
  await using session = await openSession(shop.net.url, { patience: 500 })
  assert.equal((await failure(session.query('select pg_sleep(60)'))).error.code, '57014')
  assert.equal(session.lost, false)
  assert.deepEqual(await session.query('select 1 as n'), [{ n: 1 }])
})

test('who lets nobody in is given up, by name', async () => {
  await using shop = await place()
  shop.net.silence()
  const { error, after } = await failure(openSession(shop.net.url, { patience: 150 }))
  assert.ok(isTransient(error))
  assert.match(error.message, /no connection to PostgreSQL at 127\.0\.0\.1:\d+\/argosy_scratch_\w+ within 150 ms/)
  assert.ok(after < 1_000, `${after} ms`)
})

test('a client of its own has a patience, and a longer one for a statement that needs it', async () => {
  await using shop = await place()
  await using client = await openClient({ url: shop.net.url, name: 'test', patience: 150 })
  await client.query('select pg_sleep(0.3)', [], 5_000)
  const { error } = await failure(client.query('  select\n pg_sleep(60)'))
  assert.match(error.message, /lost: no answer within 150 ms to: select pg_sleep\(60\)$/)
  assert.equal(client.lost, true)
})

// They wait for seconds, and so together.
describe('with the patience of the shop', { concurrency: true }, () => {
  test('a pool is closed while a statement waits for a server that is silent: it has 3 seconds', async () => {
    await using shop = await place()
    const db = openDatabase({ url: shop.net.url, service: 'till', max: 1 })
    await db.query(one)
    shop.net.silence()
    const asking = failure(db.query(nap))
    while (db.stats().connections.idle > 0) await sleep(5)
    const waiting = failure(db.query(one))
    assert.ok((await timeOf(db[Symbol.asyncDispose]())) < 4_500)
    for (const { error } of await Promise.all([asking, waiting])) assert.match(error.message, /the pool was closed/)
  })

  test('a transaction that says nothing gives its rows to those who wait', { timeout: 20_000 }, async () => {
    await using shop = await place()
    await using db = openDatabase({ url: shop.net.url, service: 'till', max: 2 })
    await db.query(inline(`insert into coin values (1, 'ada')`))
    const take = inline(`update coin set owner = 'bob' where id = 1`)
    const frozen = failure(
      db.transaction(async (tx) => {
        await tx.query(take)
        await sleep(6_500)
        await tx.query(one)
      }),
    )
    await sleep(200)
    assert.ok((await timeOf(db.query(take))) < 6_000)
    assert.ok(isTransient((await frozen).error), 'and may do it again')
  })

  test('a ping finds out within 2 seconds, and the next one has another connection', async () => {
    await using shop = await place()
    await using db = openDatabase({ url: shop.net.url, service: 'till', max: 2, askEvery: NEVER })
    await db.ping()
    shop.net.silenceExisting()
    const { error, after } = await failure(db.ping())
    assert.ok(isTransient(error) && after < 3_000, `${error} after ${after} ms`)
    await db.ping()
  })
})
