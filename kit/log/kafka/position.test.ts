import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_EPOCHS, placeAt, positionOf, withWriter, writerOf, writerText } from './position.ts'

const topicId = '018f3e5a-0000-4000-8000-0000000000ff'

test('a position says the next offset, the topic that was read and the epochs that were met', () => {
  const epochs = new Map([
    ['Zm9v-_A', 3n],
    ['YmFy', 1_764_000_000_000n],
  ])
  const position = positionOf({ offset: 12_345_678_901_234_567n, topicId, epochs })
  assert.equal(position, `12345678901234567@${topicId};Zm9v-_A=3;YmFy=1764000000000`)
  assert.deepEqual(placeAt(position), { offset: 12_345_678_901_234_567n, topicId, epochs })
})

test('the same place is the same text, whichever reader has written it', () => {
  const position = `7@${topicId};YQ=2;Yg=9`
  assert.equal(positionOf(placeAt(position) ?? { offset: 0n, topicId: '', epochs: NO_EPOCHS }), position)
})

test('positions of another log, and of a group that has read nothing, are no places here', () => {
  for (const position of ['', '120@100:120:', '7@notes', `@${topicId}`, `-1@${topicId}`]) {
    assert.equal(placeAt(position), undefined, position)
  }
})

test('who has written a record is told in a header, and a header of somebody else tells nothing', () => {
  assert.equal(writerText({ database: 'Zm9v-_A', epoch: 42n }), 'Zm9v-_A:42')
  assert.deepEqual(writerOf('Zm9v-_A:42'), { database: 'Zm9v-_A', epoch: 42n })
  for (const text of [undefined, '', 'mirror', 'a:b', ':1', 'a b:1']) assert.equal(writerOf(text), undefined, text)
})

test('once a relay of a higher epoch was met, one of a lower epoch has been superseded', () => {
  const first = withWriter(NO_EPOCHS, { database: 'a', epoch: 5n })
  assert.deepEqual(first, new Map([['a', 5n]]))
  assert.equal(withWriter(first ?? NO_EPOCHS, { database: 'a', epoch: 4n }), undefined)
  assert.equal(withWriter(first ?? NO_EPOCHS, { database: 'a', epoch: 5n }), first)
  assert.deepEqual(withWriter(first ?? NO_EPOCHS, { database: 'a', epoch: 6n }), new Map([['a', 6n]]))
})

test('epochs of one database say nothing of another, nor of writers that are no relays', () => {
  const known = new Map([['a', 5n]])
  const both = withWriter(known, { database: 'b', epoch: 1n })
  assert.deepEqual(
    both,
    new Map([
      ['a', 5n],
      ['b', 1n],
    ]),
  )
  assert.equal(withWriter(known, undefined), known)
})
