import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultKindOf, isTransient, markFault } from './fault.ts'
import { NotBegun } from './not-begun.ts'

test('an error is of the kind that it was given; one that nobody has marked has none', () => {
  for (const kind of ['transient', 'systematic', 'unstorable'] as const) {
    assert.equal(faultKindOf(markFault(new Error('marked'), kind)), kind)
  }
  for (const unknown of [new Error('of our own'), undefined, null, 'text', 7]) {
    assert.equal(faultKindOf(unknown), undefined)
  }
})

test('a peer that is not there passes, whoever it is; a file that is not there does not', () => {
  for (const [code, passes] of [
    ['ECONNREFUSED', true],
    ['ECONNRESET', true],
    ['ETIMEDOUT', true],
    ['EAI_AGAIN', true],
    ['ENOENT', false],
    ['EACCES', false],
  ] as const) {
    assert.equal(isTransient(Object.assign(new Error('from Node'), { code })), passes, code)
  }
})

test('what was not begun may be begun later', () => {
  assert.equal(isTransient(new NotBegun('too many wait')), true)
})
