import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurn } from './in-turn.ts'

const clock = () => {
  let time = 0
  return { now: () => time, pass: (ms: number) => void (time += ms) }
}

test('each call begins with the one after, has the others to fall back on, and those once more', () => {
  const { next } = inTurn(['a', 'b', 'c'])
  assert.deepEqual([next(), next(), next(), next()].map(String), ['a,b,c,a,b', 'b,c,a,b,c', 'c,a,b,c,a', 'a,b,c,a,b'])
})

test('one alone is always the one', () => {
  const only = inTurn(['a'])
  only.refused('a')
  assert.deepEqual([only.next(), only.next()], [['a'], ['a']])
})

test('one that could not be reached is left alone for a second, and is still the last resort', () => {
  const { now, pass } = clock()
  const { next, refused } = inTurn(['a', 'b'], now)
  refused('a')
  assert.deepEqual([next(), next(), next()].map(String), ['b,a,b', 'b,a,b', 'b,a,b'])
  pass(999)
  assert.deepEqual([next(), next()].map(String), ['b,a,b', 'b,a,b'])
})

test('then one call tries it, and the others wait for what becomes of that', () => {
  const { now, pass } = clock()
  const { next, refused, answered } = inTurn(['a', 'b'], now)
  refused('a')
  pass(1_000)
  assert.deepEqual([next(), next(), next(), next()].map(String), ['a,b,a', 'b,a,b', 'b,a,b', 'b,a,b'])
  answered('a')
  assert.deepEqual([next(), next(), next(), next()].map(String), ['a,b,a', 'b,a,b', 'a,b,a', 'b,a,b'])
})

test('when all rest, all are tried', () => {
  const { next, refused } = inTurn(['a', 'b'], clock().now)
  refused('a')
  refused('b')
  assert.deepEqual([next(), next()].map(String), ['a,b,a', 'b,a,b'])
})
