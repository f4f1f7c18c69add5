import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '@kit/problem/refusal'
import { etag, isFresh, staleMatch } from './etag.ts'
import { idempotencyKey } from './idempotency-key.ts'

test('an Idempotency-Key is a quoted string or a bare token', () => {
  assert.equal(idempotencyKey({ 'idempotency-key': '"8e03978e-40d5"' }), '8e03978e-40d5')
  assert.equal(idempotencyKey({ 'idempotency-key': '8e03978e-40d5' }), '8e03978e-40d5')
  assert.equal(idempotencyKey({}), undefined)
  for (const bad of ['', '""', 'a b', 'a, b', 'ä', 'x'.repeat(129)]) {
    assert.ok(isRefusal(idempotencyKey({ 'idempotency-key': bad })), bad)
  }
})

test('if-match is stale when it names other versions only', () => {
  assert.equal(staleMatch({}, etag(7)), undefined)
  assert.equal(staleMatch({ 'if-match': '*' }, etag(7)), undefined)
  assert.equal(staleMatch({ 'if-match': '"6", "7"' }, etag(7)), undefined)
  assert.equal(staleMatch({ 'if-match': '"6"' }, etag(7))?.refused, 'precondition-failed')
})

test('if-none-match compares weakly', () => {
  assert.equal(isFresh({ 'if-none-match': 'W/"7"' }, etag(7)), true)
  assert.equal(isFresh({ 'if-none-match': '"8"' }, etag(7)), false)
  assert.equal(isFresh({}, etag(7)), false)
})
