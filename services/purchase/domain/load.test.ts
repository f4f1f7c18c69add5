import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comeBackAfter, mostOpen, paceAfter } from './load.ts'
import type { Seen } from './load.ts'

const allowance = { floor: 1_000, backlog: 3 }

/** The pace after so many looks, half a second apart, that all see the same. */
const after = (looks: number, pace: number, seen: Omit<Seen, 'seconds'>): number => {
  for (let n = 0; n < looks; n++) pace = paceAfter(pace, { ...seen, seconds: 0.5 }, allowance)
  return Math.round(pace)
}

test('a shop that has shown nothing yet may have the floor under way', () => {
  assert.equal(mostOpen(0, allowance), 1_000)
  assert.equal(mostOpen(333, allowance), 1_000)
})

test('a shop that has shown more may have the backlog under way', () => {
  assert.equal(mostOpen(334, allowance), 1_002)
  assert.equal(mostOpen(2_000, allowance), 6_000)
})

test('what a shop ends is what it can do: within three seconds two thirds of it are known, then all', () => {
  assert.equal(after(6, 0, { open: 1_000, ended: 1_000 }), 1_264)
  assert.equal(after(60, 0, { open: 1_000, ended: 1_000 }), 2_000)
  assert.equal(after(60, 0, { open: 10, ended: 1_000 }), 2_000)
})

test('a shop that is asked for less is not slower', () => {
  assert.equal(after(1_000, 2_000, { open: 0, ended: 0 }), 2_000)
  assert.equal(after(1_000, 2_000, { open: 999, ended: 50 }), 2_000)
})

test('a shop that ends less although enough is under way is slower, as slowly as a look may deceive', () => {
  assert.equal(after(6, 2_000, { open: 1_000, ended: 0 }), 1_637)
  assert.equal(after(30, 2_000, { open: 1_000, ended: 0 }), 736)
  assert.equal(after(600, 2_000, { open: 1_000, ended: 250 }), 500)
})

test('three seconds without an end turn nobody away at three quarters of the pace', () => {
  const pace = after(6, 2_000, { open: 4_500, ended: 0 })
  assert.ok(4_500 < mostOpen(pace, allowance))
})

test('a late look counts for the time that it stands for', () => {
  const late = paceAfter(2_000, { open: 5_000, ended: 1_500, seconds: 3 }, allowance)
  assert.equal(Math.round(late), after(6, 2_000, { open: 5_000, ended: 250 }))
})

test('those who were turned away come back when the work is done, spread over as long again', () => {
  assert.equal(comeBackAfter(6_000, 2_000, allowance, 0), 3)
  assert.equal(comeBackAfter(6_000, 2_000, allowance, 0.999), 6)
  assert.equal(comeBackAfter(12_000, 2_000, allowance, 0), 6)
  assert.equal(comeBackAfter(1_000, 0, allowance, 0), 3)
  assert.equal(comeBackAfter(10, 2_000, allowance, 0.5), 1)
  assert.equal(comeBackAfter(100_000, 2_000, allowance, 0.5), 30)
})
