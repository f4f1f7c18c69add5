import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryLimiter } from './limiter.ts'

const setUp = (keep?: number) => {
  let now = new Date('2026-01-01T00:00:00Z')
  const limiter = memoryLimiter({ now: () => now }, keep)
  return { ...limiter, pass: (seconds: number) => void (now = new Date(now.getTime() + seconds * 1000)) }
}
const limit = { name: 'sign-in', quota: 3, window: 60 }

test('the quota may be used at once, then one call comes back every window/quota', () => {
  const { take, pass } = setUp()
  assert.deepEqual(
    [1, 2, 3, 4].map(() => take('a', limit).allowed),
    [true, true, true, false],
  )
  assert.equal(Math.round(take('a', limit).retry), 20)
  pass(19)
  assert.equal(take('a', limit).allowed, false)
  pass(1)
  assert.deepEqual([take('a', limit).allowed, take('a', limit).allowed], [true, false])
})

test('it tells what remains and when the quota is whole again', () => {
  const { take, pass } = setUp()
  assert.deepEqual(take('a', limit), { allowed: true, remaining: 2, full: 20, retry: 0 })
  pass(20)
  assert.equal(take('a', limit).remaining, 2)
})

test('clients and limits are counted apart', () => {
  const { take } = setUp()
  for (let i = 0; i < 3; i++) take('a', limit)
  assert.equal(take('b', limit).allowed, true)
  assert.equal(take('a', { ...limit, name: 'buy' }).allowed, true)
})

test('refused calls do not prolong the wait, and a clock set back does not lock out', () => {
  const { take, pass } = setUp()
  for (let i = 0; i < 100; i++) take('a', limit)
  pass(20)
  assert.equal(take('a', limit).allowed, true)
  pass(-86_400)
  assert.ok(take('a', limit).retry <= 20)
})

test('memory is bounded: the longest silent client is forgotten', () => {
  const { take } = setUp(2)
  for (const client of ['a', 'a', 'a', 'b', 'c']) take(client, limit)
  assert.equal(take('a', limit).remaining, 2)
})
