import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import { faultKindOf, isTransient } from '@kit/fault/fault'
import { openClient } from '../connection/client.ts'
import { openDatabase } from '../database.ts'
import { ConstraintBroken, type Tx } from '../queryable.ts'
import { SCHEMA, broken, ids, idsOf, insert } from '../test-coins.ts'
import { inline, till } from '../test-database.ts'

const pair = inline('insert into coin (id, owner, twin) values ($1, $2, $3)')
const give = inline<{ owner: string }>('update coin set owner = $2 where id = $1 returning owner')
const nonsense = inline('select nothing from nowhere')

test('what a transaction did is there after it, and its callbacks run then and only then', async () => {
  await using shop = await till(SCHEMA)
  const told: string[] = []
  const answer = await shop.db.transaction(async (tx) => {
    tx.afterCommit(() => told.push('committed'))
    assert.deepEqual(await tx.query(insert, [1, 'ada']), [{ id: 1 }])
    assert.deepEqual(told, [])
    return 'done'
  })
  assert.equal(answer, 'done')
  assert.deepEqual(told, ['committed'])
  assert.deepEqual(idsOf(await shop.db.query(ids)), [1])
})

test('an error of the work undoes everything and is the one that the caller gets', async () => {
  await using shop = await till(SCHEMA)
  const failing = shop.db.transaction(async (tx) => {
    tx.afterCommit(() => assert.fail('told of a commit that did not happen'))
    await tx.query(insert, [1, 'ada'])
    void tx.query(insert, [2, 'ada'])
    throw new RangeError('changed my mind')
  })
  await assert.rejects(failing, RangeError)
  assert.deepEqual(await shop.db.query(ids), [])
})

test('statements that nobody awaits are committed, in order', async () => {
  await using shop = await till(SCHEMA)
  await shop.db.transaction(async (tx) => {
    void tx.query(insert, [1, 'ada'])
    void tx.query(give, [1, 'bob'])
    void tx.query(give, [1, 'cid'])
  })
  assert.deepEqual(await shop.db.query(inline('select owner from coin')), [{ owner: 'cid' }])
})

test('the error of a statement that nobody awaits is the error of the transaction', async () => {
  await using shop = await till(SCHEMA)
  const failing = shop.db.transaction(async (tx) => {
    void tx.query(insert, [1, 'ada'])
    void tx.query(insert, [1, 'bob'])
    void tx.query(insert, [2, 'cid'])
  })
  await assert.rejects(failing, broken('coin_id'))
  assert.deepEqual(await shop.db.query(ids), [])
})

test('a swallowed error is not committed over: COMMIT would answer ROLLBACK', async () => {
  await using shop = await till(SCHEMA)
  const failing = shop.db.transaction(async (tx) => {
    await tx.query(insert, [1, 'ada'])
    await tx.query(insert, [1, 'bob']).catch(() => 'never mind')
    return 'all is well'
  })
  await assert.rejects(failing, broken('coin_id'))
})

test('a COMMIT that the server answers with ROLLBACK is an error', async () => {
  await using shop = await till(SCHEMA)
  // The failure is hidden from the client: a procedure language's own rollback would look the same.
  const failing = shop.db.transaction(async (tx) => {
    await tx.query(insert, [1, 'ada'])
    await tx.query(inline('rollback and chain'))
    await tx.query(nonsense).catch(() => undefined)
  })
  await assert.rejects(failing, /nowhere/)
})

test('the statement behind a failed one is not run, and says whose fault it is', async () => {
  await using shop = await till(SCHEMA)
  const failing = shop.db.transaction(async (tx) => {
    const results = await Promise.allSettled([
      tx.query(insert, [1, 'ada']),
      tx.query(insert, [2, '']),
      tx.query(insert, [3, 'cid']),
    ])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected'],
    )
    const [, guilty, innocent] = results.map((result) => (result.status === 'rejected' ? result.reason : undefined))
    broken('coin_owner')(guilty)
    assert.ok(!(innocent instanceof ConstraintBroken))
    assert.match(innocent.message, /^not run/)
    throw innocent
  })
  await assert.rejects(failing, broken('coin_owner'), 'the transaction fails for the first reason')
})

test('every kind of broken constraint is named', async () => {
  await using shop = await till(SCHEMA)
  await shop.db.query(insert, [1, 'ada'])
  await assert.rejects(shop.db.query(insert, [1, 'bob']), broken('coin_id'))
  await assert.rejects(shop.db.query(insert, [2, '']), broken('coin_owner'))
  await assert.rejects(shop.db.query(insert, [2, null]), broken('coin_owner_not_null'))
  await assert.rejects(shop.db.query(pair, [2, 'bob', 7]), broken('coin_twin'), 'found only at the commit')
  const deferred = shop.db.transaction(async (tx) => {
    await tx.query(pair, [2, 'bob', 7])
  })
  await assert.rejects(deferred, broken('coin_twin'))
  assert.deepEqual(idsOf(await shop.db.query(ids)), [1])
})

test('what the server says is told by its kind: passing, the same for everybody, a value that cannot be stored', async () => {
  await using shop = await till(SCHEMA)
  const raising = (code: string) => inline(`do $$ begin raise exception 'told' using errcode = '${code}'; end $$`)
  for (const [code, kind] of [
    ['53100', 'transient'],
    ['53200', 'transient'],
    ['58030', 'transient'],
    ['08006', 'transient'],
    ['55P03', 'transient'],
    ['42P01', 'systematic'],
    ['3F000', 'systematic'],
    ['55000', 'systematic'],
    ['22003', 'unstorable'],
    ['22012', undefined],
    ['P0001', undefined],
  ] as const) {
    await assert.rejects(shop.db.query(raising(code)), (error) => faultKindOf(error) === kind, code)
  }
  await assert.rejects(shop.db.query(insert, [1, '']), (error) => faultKindOf(error) === undefined)
})

test('a statement that failed once works the next time on the same connection', async () => {
  await using shop = await till(SCHEMA, 1)
  await assert.rejects(shop.db.query(insert, [1, '']), broken('coin_owner'))
  await assert.rejects(
    shop.db.transaction(async (tx) => {
      void tx.query(nonsense)
      void tx.query(ids)
    }),
    /nowhere/,
  )
  assert.deepEqual(await shop.db.query(ids), [])
  assert.deepEqual(await shop.db.query(insert, [1, 'ada']), [{ id: 1 }])
  assert.deepEqual(await shop.db.query(ids), [{ id: 1 }])
})

test('deadlocked transactions are tried again until all are done', async () => {
  await using shop = await till(SCHEMA)
  await shop.db.query(insert, [1, 'ada'])
  await shop.db.query(insert, [2, 'ada'])
  let tries = 0
  let waiting: (() => void)[] = []
  // Both hold their first row before they ask for the second; only the first time, or they would never end.
  const rendezvous = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length < 2) return
      for (const go of waiting) go()
      waiting = []
    })
  const swap = (first: number, second: number) =>
    shop.db.transaction(async (tx: Tx) => {
      tries++
      await tx.query(give, [first, 'bob'])
      if (tries <= 2) await rendezvous()
      await tx.query(give, [second, 'bob'])
    })
  await Promise.all([swap(1, 2), swap(2, 1)])
  assert.equal(tries, 3)
  assert.equal(shop.db.stats().conflicts, 1)
})

test('a broken connection is a transient error, and the next transaction gets a good one', async () => {
  await using shop = await till(SCHEMA, 1)
  const kill = async () => {
    await using admin = await openClient({ url: shop.url, name: 'admin' })
    await admin.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'argosy till'`,
    )
  }
  const passes = (error: unknown) => {
    assert.ok(isTransient(error), String(error))
    return true
  }
  await shop.db.query(ids)
  const sleeping = assert.rejects(shop.db.query(inline('select pg_sleep(60)')), passes)
  await kill()
  await sleeping
  const failing = shop.db.transaction(async (tx) => {
    await tx.query(insert, [1, 'ada'])
    await kill()
    void tx.query(insert, [2, 'ada'])
    void tx.query(insert, [3, 'ada'])
  })
  await assert.rejects(failing, passes)
  assert.deepEqual(await shop.db.query(ids), [])
})

test('a server that has fallen silent is given up after a while', async (t) => {
  await using shop = await till(SCHEMA, 1)
  await using patient = openDatabase({ url: shop.url, service: 'till', max: 1, patience: 200 })
  const [backend] = await patient.query(inline<{ pid: number }>('select pg_backend_pid() as pid'))
  const pid = backend?.pid ?? 0
  try {
    process.kill(pid, 'SIGSTOP')
  } catch {
    return t.skip('the server is not on this machine')
  }
  try {
    await assert.rejects(patient.query(ids), { code: 'CONNECTION_LOST' })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  assert.deepEqual(await patient.query(ids), [])
})

test('a statement issued after the end is refused', async () => {
  await using shop = await till(SCHEMA)
  const escaped = await shop.db.transaction(async (tx) => ({ tx }))
  await assert.rejects(escaped.tx.query(ids), /transaction has ended/)
})

test('a transaction without statements costs none', async () => {
  await using shop = await till(SCHEMA)
  assert.equal(await shop.db.transaction(async () => 'nothing to do'), 'nothing to do')
  assert.equal(shop.db.stats().statements, 0)
})

test('no error of any of this is left unhandled', async () => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', listener)
  {
    await using shop = await till(SCHEMA)
    await shop.db
      .transaction(async (tx) => {
        void tx.query(nonsense)
        void tx.savepoint(async () => void tx.query(ids)).catch(() => undefined)
        void tx.query(ids)
        throw new Error('and this')
      })
      .catch(() => undefined)
  }
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', listener)
  assert.deepEqual(unhandled, [])
})

test('a statement that is planned for each call leaves the connection as it was', async () => {
  await using shop = await till(SCHEMA, 1)
  const mode = inline<{ mode: string }>(`select current_setting('plan_cache_mode') as mode`)
  assert.deepEqual(await shop.db.query(mode), [{ mode: 'force_generic_plan' }])
  assert.deepEqual(await shop.db.query({ ...mode, replanned: true }), [{ mode: 'force_custom_plan' }])
  assert.deepEqual(await shop.db.query(mode), [{ mode: 'force_generic_plan' }])
})
