import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dueAt, timetable } from './timetable.ts'

const h = 3_600_000
const usual = timetable([4 * h, 12 * h, 22 * h], 24 * h)

test('an unpaid order is reminded of at 4, 12 and 22 hours, and ends at 24', () => {
  assert.deepEqual(dueAt(usual, 0, 0), { expired: false, next: 4 * h })
  assert.deepEqual(dueAt(usual, 4 * h, 0), { expired: false, remind: 1, next: 12 * h })
  assert.deepEqual(dueAt(usual, 12 * h, 1), { expired: false, remind: 2, next: 22 * h })
  assert.deepEqual(dueAt(usual, 22 * h, 2), { expired: false, remind: 3, next: 24 * h })
  assert.deepEqual(dueAt(usual, 24 * h, 3), { expired: true })
})

test('a late reminder is sent once, skipped ones are not, and after the end there is none', () => {
  assert.deepEqual(dueAt(usual, 11 * h, 0), { expired: false, remind: 1, next: 12 * h })
  assert.deepEqual(dueAt(usual, 23 * h, 0), { expired: false, remind: 3, next: 24 * h })
  assert.deepEqual(dueAt(usual, 90 * h, 0), { expired: true })
})

test('a look too early, or a clock that was put back, sends nothing', () => {
  assert.deepEqual(dueAt(usual, 12 * h - 1, 1), { expired: false, next: 12 * h })
  assert.deepEqual(dueAt(usual, 1 * h, 2), { expired: false, next: 22 * h })
  assert.deepEqual(dueAt(usual, -1 * h, 3), { expired: false, next: 24 * h })
})

test('reminders may be given in any order, twice, beyond the end, or not at all', () => {
  assert.deepEqual(timetable([5, 3, 5, 20], 10), { reminders: [3, 5], expiry: 10 })
  assert.deepEqual(dueAt(timetable([], 10), 0, 0), { expired: false, next: 10 })
})

test('whenever one looks, each reminder goes out at most once, in order, and the end comes', () => {
  const looks = fc.array(fc.integer({ min: -10, max: 40 }), { maxLength: 30 })
  const reminders = fc.array(fc.integer({ min: 0, max: 35 }), { maxLength: 6 })
  fc.assert(
    fc.property(reminders, fc.integer({ min: 1, max: 30 }), looks, (ats, expiry, times) => {
      const table = timetable(ats, expiry)
      const sent: number[] = []
      for (const elapsed of [...times, 40]) {
        const due = dueAt(table, elapsed, sent.at(-1) ?? 0)
        if (due.expired) return assert.ok(elapsed >= expiry)
        // Looking again later: never at a time that is over and done with.
        assert.ok(due.next > elapsed)
        if (due.remind !== undefined) sent.push(due.remind)
      }
      assert.fail('the end did not come')
    }),
  )
})
