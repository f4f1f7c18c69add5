import assert from 'node:assert/strict'
import { test } from 'node:test'
import { etag, isFresh, staleMatch } from './etag.ts'
import { idempotencyKey } from './idempotency-key.ts'

test('an Idempotency-Key is a quoted string or a bare token', () => {
  assert.equal(idempotencyKey('"8e03978e-40d5"'), '8e03978e-40d5')
  assert.equal(idempotencyKey('8e03978e-40d5'), '8e03978e-40d5')
  assert.equal(idempotencyKey(undefined), undefined)
})

test('if-match is stale when it names other versions only', () => {
  assert.equal(staleMatch(undefined, etag(7)), undefined)
  assert.equal(staleMatch('*', etag(7)), undefined)
  assert.equal(staleMatch('"6", "7"', etag(7)), undefined)
  assert.equal(staleMatch('"6"', etag(7))?.refused, 'precondition-failed')
})

test('if-none-match compares weakly', () => {
  assert.equal(isFresh('W/"7"', etag(7)), true)
  assert.equal(isFresh('"8"', etag(7)), false)
  assert.equal(isFresh(undefined, etag(7)), false)
})
