import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from './refresh-token.ts'

const seconds = 1_000
const token = { expiresAt: 100 * seconds, rotatedAt: undefined, sessionEnded: false }

test('a token is rotated at its first use', () => {
  assert.equal(judge(token, 99 * seconds), 'rotate')
})

test('within 20 seconds of its rotation a token gives the same successor again', () => {
  assert.equal(judge({ ...token, rotatedAt: 10 * seconds }, 10 * seconds), 'repeat')
  assert.equal(judge({ ...token, rotatedAt: 10 * seconds }, 30 * seconds), 'repeat')
})

test('later it is reuse', () => {
  assert.equal(judge({ ...token, rotatedAt: 10 * seconds }, 30 * seconds + 1), 'reuse')
})

test('a clock that runs behind the one that rotated is no reuse', () => {
  assert.equal(judge({ ...token, rotatedAt: 10 * seconds }, 9 * seconds), 'repeat')
})

test('expired, ended and unknown tokens are refused, spent or not', () => {
  assert.equal(judge(token, 100 * seconds), 'expired')
  assert.equal(judge({ ...token, rotatedAt: 0 }, 100 * seconds), 'expired')
  assert.equal(judge({ ...token, sessionEnded: true }, 1), 'ended')
  assert.equal(judge({ ...token, sessionEnded: true, rotatedAt: 0 }, 99 * seconds), 'ended')
  assert.equal(judge(undefined, 0), 'unknown')
})
