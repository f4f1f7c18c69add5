import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import type { Tx } from '../queryable.ts'
import { SCHEMA, broken, ids, idsOf, insert } from '../test-coins.ts'
import { inline, till } from '../test-database.ts'

test('what is asked for before the commit runs once, in order, when the work has returned, and is committed', async () => {
  await using shop = await till(SCHEMA)
  const told: string[] = []
  await shop.db.transaction(async (tx) => {
    tx.beforeCommit(async () => {
      told.push('first')
      assert.deepEqual(await tx.query(insert, [1, 'ada']), [{ id: 1 }])
      tx.beforeCommit(() => void told.push('asked for meanwhile'))
    })
    tx.beforeCommit(() => {
      told.push('second')
      void tx.query(insert, [2, 'bob'])
    })
    tx.afterCommit(() => told.push('committed'))
    await tx.query(ids)
    told.push('work')
  })
  assert.deepEqual(told, ['work', 'first', 'second', 'asked for meanwhile', 'committed'])
  assert.deepEqual(idsOf(await shop.db.query(ids)), [1, 2])
})

test('what it issues and does not await travels with the commit', async () => {
  await using shop = await till(SCHEMA)
  const answered = Promise.withResolvers<boolean>()
  let committed = false
  await shop.db.transaction(async (tx) => {
    await tx.query(ids)
    tx.afterCommit(() => (committed = true))
    // A burst is answered as a whole: nothing more is read from the socket until the commit is known as well.
    tx.beforeCommit(
      () => void tx.query(insert, [1, 'ada']).then(() => process.nextTick(() => answered.resolve(committed))),
    )
  })
  assert.ok(await answered.promise)
})

test('an error of it is the error of the transaction, and nothing is committed', async () => {
  await using shop = await till(SCHEMA)
  const failing = (fn: (tx: Tx) => void | Promise<void>): Promise<void> =>
    shop.db.transaction(async (tx) => {
      await tx.query(insert, [1, 'ada'])
      tx.beforeCommit(() => fn(tx))
      tx.afterCommit(() => assert.fail('told of a commit that did not happen'))
    })
  await assert.rejects(
    failing(() => {
      throw new RangeError('changed my mind')
    }),
    RangeError,
  )
  await assert.rejects(
    failing((tx) => void tx.query(insert, [1, 'bob'])),
    broken('coin_id'),
  )
  await assert.rejects(
    failing(async (tx) => void (await tx.query(insert, [1, 'bob']))),
    broken('coin_id'),
  )
  assert.deepEqual(await shop.db.query(ids), [])
})

test('a conflict found before the commit repeats the transaction', async () => {
  await using shop = await till(SCHEMA)
  const conflict = inline(`do $$ begin raise exception 'changed' using errcode = '40001'; end $$`)
  let tries = 0
  await shop.db.transaction(async (tx) => {
    tries++
    tx.beforeCommit(() => void (tries === 1 && tx.query(conflict)))
    await tx.query(insert, [tries, 'ada'])
  })
  assert.deepEqual(idsOf(await shop.db.query(ids)), [2])
})

test('work that has failed runs nothing before a commit', async () => {
  await using shop = await till(SCHEMA)
  const failing = (work: (tx: Tx) => Promise<void>): Promise<void> =>
    shop.db.transaction(async (tx) => {
      tx.beforeCommit(() => assert.fail('there is no commit'))
      await work(tx)
    })
  await assert.rejects(
    failing(() => Promise.reject(new RangeError('changed my mind'))),
    RangeError,
  )
  await assert.rejects(
    failing(async (tx) => void (await tx.query(insert, [1, '']).catch(() => 'never mind'))),
    broken('coin_owner'),
  )
})

test('what was asked for in a savepoint is forgotten with it', async () => {
  await using shop = await till(SCHEMA)
  const told: string[] = []
  await shop.db.transaction(async (tx) => {
    tx.beforeCommit(() => void told.push('before'))
    await assert.rejects(
      tx.savepoint(async () => {
        tx.beforeCommit(() => void told.push('undone'))
        await tx.query(insert, [1, ''])
      }),
      broken('coin_owner'),
    )
    await tx.savepoint(async () => tx.beforeCommit(() => void told.push('kept')))
  })
  assert.deepEqual(told, ['before', 'kept'])
})

test('what is known in memory is undone with the savepoints around it, the latest first, and only then', async () => {
  await using shop = await till(SCHEMA)
  const undone: string[] = []
  await shop.db.transaction(async (tx) => {
    tx.onUndo(() => assert.fail('no savepoint is open'))
    const failing = tx.savepoint(async () => {
      tx.onUndo(() => undone.push('outer'))
      await tx.savepoint(async () => tx.onUndo(() => undone.push('released')))
      await tx
        .savepoint(async () => {
          tx.onUndo(() => undone.push('inner'))
          assert.ok(tx.inSavepoint())
          await tx.query(insert, [1, ''])
        })
        .catch(broken('coin_owner'))
      assert.deepEqual(undone.splice(0), ['inner'])
      throw new RangeError('changed my mind')
    })
    await assert.rejects(failing, RangeError)
    assert.deepEqual(undone.splice(0), ['released', 'outer'])
    assert.ok(!tx.inSavepoint())
    await tx.savepoint(async () => tx.onUndo(() => assert.fail('it was released')))
    await tx.savepoint(() => Promise.reject(new RangeError('and again'))).catch(() => 'never mind')
  })
  assert.deepEqual(undone, [])
})
