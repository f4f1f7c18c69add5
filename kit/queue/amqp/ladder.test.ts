import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AHEAD, arrivalOf, patternOf, STEPS, stepsOf } from './ladder.ts'

/** What a message waits for in all, when the broker leads it by its routing key. */
const waited = (key: string): number =>
  STEPS.reduce((sum, ms, index) => sum + (matches(patternOf(index, 1), key) ? ms : 0), 0)

/** As a topic exchange does. */
const matches = (pattern: string, key: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replaceAll('#', '.*')}$`).test(key)

test('a job waits at least as long as it must, and less than a step longer', () => {
  for (const ms of [1, 99, 100, 101, 250, 1_000, 6_350, 59_999, AHEAD]) {
    const over = waited(`${stepsOf(ms)}.mail.deliver`) - ms
    assert.ok(over >= 0 && over < 100, `${ms} ms: ${over} ms more`)
  }
})

test('what is due, or late, does not wait', () => {
  assert.equal(stepsOf(0), undefined)
  assert.equal(stepsOf(-3_000), undefined)
})

test('at every step a message either waits or passes by', () => {
  const key = `${stepsOf(12_300)}.mail.deliver`
  for (const index of STEPS.keys()) {
    assert.notEqual(matches(patternOf(index, 1), key), matches(patternOf(index, 0), key))
  }
})

test('after the steps it goes to its own kind of job only', () => {
  const key = `${stepsOf(12_300)}.mail.deliver`
  assert.equal(matches(arrivalOf('mail.deliver'), key), true)
  assert.equal(matches(arrivalOf('deliver'), key), false)
  assert.equal(matches(arrivalOf('mail'), key), false)
})
