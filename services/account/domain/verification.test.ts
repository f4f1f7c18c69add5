import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeCode, resendIn } from './verification.ts'

const minute = 60_000
const sent = { sentAt: 0, expiresAt: 10 * minute, tries: 0 }

test('the code is right for ten minutes', () => {
  assert.equal(judgeCode(sent, true, 10 * minute - 1), 'right')
  assert.equal(judgeCode(sent, true, 10 * minute), 'code-expired')
  assert.equal(judgeCode(undefined, true, 0), 'code-expired')
})

test('five tries are given; after them even the right code is refused', () => {
  assert.equal(judgeCode({ ...sent, tries: 4 }, false, 1), 'wrong-code')
  assert.equal(judgeCode({ ...sent, tries: 4 }, true, 1), 'right')
  assert.equal(judgeCode({ ...sent, tries: 5 }, true, 1), 'too-many-tries')
})

test('a code is sent at most once a minute', () => {
  assert.equal(resendIn(0, 0), minute)
  assert.equal(resendIn(0, 59_000), 1_000)
  assert.equal(resendIn(0, minute), 0)
})
