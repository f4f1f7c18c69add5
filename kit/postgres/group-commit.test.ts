import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupCommit } from './group-commit.ts'
import { ConstraintBroken } from './queryable.ts'
import { inline, till } from './test-database.ts'

const SCHEMA = `create table coin (id int constraint coin_id primary key)`
const insert = inline<{ id: number }>('insert into coin select unnest($1::int[]) returning id')
const ids = inline<{ id: number }>('select id from coin order by id')

test('what comes together and what comes meanwhile shares a flush, up to the limit', async () => {
  const flushes: (readonly number[])[] = []
  let release = (): void => assert.fail('nothing is under way')
  const put = groupCommit<number, number>({
    limit: 3,
    flush: async (items) => {
      flushes.push(items)
      await new Promise<void>((resolve) => (release = resolve))
      return items.map((item) => item * 10)
    },
  })
  const begun = async (count: number): Promise<void> => {
    while (flushes.length < count) await turn()
  }
  const results = Promise.all([put(1), put(2)])
  await begun(1)
  const later = Promise.all([put(3), put(4), put(5), put(6)])
  await turn()
  assert.deepEqual(flushes, [[1, 2]], 'one at a time')
  release()
  assert.deepEqual(await results, [10, 20])
  await begun(2)
  release()
  await begun(3)
  release()
  assert.deepEqual(await later, [30, 40, 50, 60])
  assert.deepEqual(flushes, [[1, 2], [3, 4, 5], [6]])
})

test('only the guilty fail: the rest of the group is committed, each once', async () => {
  await using shop = await till(SCHEMA)
  await shop.db.query(insert, [[13, 77]])
  const put = groupCommit<number, number>({
    limit: 100,
    flush: (items) => shop.db.transaction(async (tx) => (await tx.query(insert, [items])).map(({ id }) => id)),
  })
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => put(i)))
  const failed = outcomes.flatMap((outcome, i) => (outcome.status === 'rejected' ? [[i, outcome.reason] as const] : []))
  assert.deepEqual(
    failed.map(([i]) => i),
    [13, 77],
  )
  for (const [, reason] of failed) assert.ok(reason instanceof ConstraintBroken && reason.constraint === 'coin_id')
  assert.equal((await shop.db.query(ids)).length, 100)
})

test('a transient error is told to all at once: nobody is tried alone', async () => {
  let flushes = 0
  const put = groupCommit<number, number>({
    limit: 10,
    flush: async () => {
      flushes++
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' })
    },
  })
  const outcomes = await Promise.allSettled([put(1), put(2), put(3)])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  assert.equal(flushes, 1)
})

test('a flush that loses results fails instead of mixing them up', async () => {
  const put = groupCommit<number, number>({ limit: 10, flush: async () => [] })
  await assert.rejects(put(1), /gave 0 results/)
})

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
