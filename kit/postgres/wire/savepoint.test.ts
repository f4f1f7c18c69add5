import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SCHEMA, broken, ids, idsOf, insert } from '../test-coins.ts'
import { till } from '../test-database.ts'

test('a savepoint undoes what failed in it and nothing else', async () => {
  await using shop = await till(SCHEMA)
  await shop.db.transaction(async (tx) => {
    void tx.query(insert, [1, 'ada'])
    await assert.rejects(
      tx.savepoint(async () => {
        await tx.query(insert, [2, 'bob'])
        await tx.query(insert, [1, 'cid'])
      }),
      broken('coin_id'),
    )
    await assert.rejects(
      tx.savepoint(async () => void tx.query(insert, [1, 'cid'])),
      broken('coin_id'),
      'not awaited: an error of the savepoint',
    )
    await assert.rejects(
      tx.savepoint(async () => {
        await tx.query(insert, [3, 'cid'])
        throw new RangeError('changed my mind')
      }),
      RangeError,
    )
    assert.equal(
      await tx.savepoint(async () => {
        void tx.query(insert, [4, 'dan'])
        await tx.savepoint(() => tx.query(insert, [1, 'eve'])).catch(broken('coin_id'))
        return 'kept'
      }),
      'kept',
    )
  })
  assert.deepEqual(idsOf(await shop.db.query(ids)), [1, 4])
})

test('what was promised for after the commit is forgotten with the savepoint that it was promised in', async () => {
  await using shop = await till(SCHEMA)
  const told: string[] = []
  await shop.db.transaction(async (tx) => {
    tx.afterCommit(() => told.push('before'))
    await assert.rejects(
      tx.savepoint(async () => {
        tx.afterCommit(() => told.push('undone'))
        await tx.query(insert, [1, ''])
      }),
      broken('coin_owner'),
    )
    await tx.savepoint(async () => {
      tx.afterCommit(() => told.push('kept'))
      await tx.query(insert, [1, 'ada'])
    })
  })
  assert.deepEqual(told, ['before', 'kept'])
})

test('a savepoint whose statement nobody awaits answers with its failure, not before it', async () => {
  await using shop = await till(SCHEMA)
  await shop.db.transaction(async (tx) => {
    await tx.query(insert, [1, 'ada'])
    const inner = tx.savepoint(async () => {
      void tx.query(insert, [1, 'bob'])
      // Already on its way when the savepoint's work is done.
      await tx.query(ids).catch(() => [])
      return 'too early'
    })
    await assert.rejects(inner, broken('coin_id'))
  })
  assert.deepEqual(idsOf(await shop.db.query(ids)), [1])
})
