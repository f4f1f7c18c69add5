import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTransient } from '@kit/fault/fault'
import { ConstraintBroken } from '@kit/postgres/queryable'
import { inline, till } from '@kit/postgres/test-database'
import { groupCommit } from './group-commit.ts'
import type { GroupCommitOptions } from './group-commit.ts'

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

/** A flush that the test lets go; which items have come to it. */
const gate = (options: Partial<GroupCommitOptions<number, number>> = {}) => {
  const flushed: number[] = []
  const opened = Promise.withResolvers<void>()
  const put = groupCommit<number, number>({
    limit: 2,
    flush: async (items) => {
      flushed.push(...items)
      await opened.promise
      return items
    },
    ...options,
  })
  return { put, flushed, open: opened.resolve }
}
const fate = (result: Promise<number>) => result.then(String, (error: Error & { code?: string }) => error.message)

test('beyond its bound a queue turns away at once, and what it has turned away is never flushed', async () => {
  const { put, flushed, open } = gate({ most: 3 })
  const first = put(0)
  while (flushed.length === 0) await turn()
  const fates = [1, 2, 3, 4, 5].map((item) => fate(put(item)))
  assert.deepEqual(await Promise.all(fates.slice(3)), ['not begun: 3 wait already', 'not begun: 3 wait already'])
  await assert.rejects(put(6), isTransient)
  open()
  assert.equal(await first, 0)
  assert.deepEqual(await Promise.all(fates.slice(0, 3)), ['1', '2', '3'])
  assert.deepEqual(flushed, [0, 1, 2, 3])
  assert.equal(await put(7), 7, 'there is room again')
})

test('who has waited too long is told so while the flush before still hangs, and is never flushed', async () => {
  const { put, flushed, open } = gate({ patience: 60 })
  const first = put(0)
  while (flushed.length === 0) await turn()
  const began = performance.now()
  const outcomes = await Promise.all([fate(put(1)), fate(put(2))])
  assert.deepEqual(outcomes, ['not begun: it has waited too long', 'not begun: it has waited too long'])
  assert.ok(performance.now() - began >= 60)
  open()
  assert.equal(await first, 0, 'what had begun goes on')
  assert.equal(await put(3), 3)
  assert.deepEqual(flushed, [0, 3])
})

test('an item may have less time than the others', async () => {
  const { put, flushed, open } = gate({ patience: 60_000 })
  const first = put(0)
  while (flushed.length === 0) await turn()
  const hasty = fate(put(1))
  const short = fate(put(2))
  assert.equal(await fate(put(3, { within: 20 })), 'not begun: it has waited too long')
  open()
  assert.deepEqual([await first, await hasty, await short], [0, '1', '2'])
  assert.deepEqual(flushed, [0, 1, 2])
})

test('an item whose caller has gone is never flushed', async () => {
  const { put, flushed, open } = gate()
  const first = put(0)
  while (flushed.length === 0) await turn()
  const gone = new AbortController()
  const fates = [fate(put(1, { signal: gone.signal })), fate(put(2))]
  gone.abort()
  fates.push(fate(put(3, { signal: gone.signal })))
  open()
  assert.equal(await first, 0)
  const over = 'not begun: nobody waits for it any more'
  assert.deepEqual(await Promise.all(fates), [over, '2', over])
  assert.deepEqual(flushed, [0, 2])
})

test('who goes while a failed group is halved is left out of its halves', async () => {
  const gone = new AbortController()
  const flushes: (readonly number[])[] = []
  const put = groupCommit<number, number>({
    limit: 10,
    flush: async (items) => {
      flushes.push(items)
      gone.abort()
      if (items.length > 1) throw new Error('one of them is bad')
      return items
    },
  })
  const fates = await Promise.all([fate(put(1)), fate(put(2, { signal: gone.signal })), fate(put(3))])
  assert.deepEqual(fates, ['1', 'not begun: nobody waits for it any more', '3'])
  assert.deepEqual(flushes, [[1, 2, 3], [1], [3]])
})

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
