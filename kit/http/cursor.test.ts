import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '@kit/problem/refusal'
import Type from 'typebox'
import { cursor } from './cursor.ts'

const place = cursor(Type.Tuple([Type.Integer(), Type.String({ pattern: '^[a-z]+$' })]))

test('a cursor leads back to where it was written', () => {
  assert.deepEqual(place.read(place.write([7, 'ada'])), [7, 'ada'])
  assert.equal(place.read(undefined), undefined)
})

test('a cursor of another filter, a broken or made-up one is refused', () => {
  const made = Buffer.from(JSON.stringify({ at: [7, "'; drop table"], of: '' })).toString('base64url')
  for (const text of [
    place.write([7, 'ada'], { brand: 'x' }),
    'nonsense',
    '',
    made,
    Buffer.from('null').toString('base64url'),
  ]) {
    assert.ok(isRefusal(place.read(text, { brand: 'y' })) && isRefusal(place.read(text)), text)
  }
})

test('a page tells that there is more only when there is', () => {
  const rows = [3, 2, 1]
  const full = place.page(rows, 2, (n) => [n, 'x'])
  assert.deepEqual(full.data, [3, 2])
  assert.deepEqual(place.read(full.page.next ?? ''), [2, 'x'])
  assert.deepEqual(place.page(rows, 3, (n) => [n, 'x']).page, { next: null, limit: 3 })
})
