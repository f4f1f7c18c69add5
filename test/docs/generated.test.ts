import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allGenerated } from './all-generated.ts'
import { codeByHand } from './code.ts'
import { read, withGenerated } from './generated.ts'

for (const part of allGenerated()) {
  test(`"${part.name}" in ${part.file} is what the code says`, () => {
    const document = read(part.file)
    assert.ok(document === withGenerated(document, part), 'npm run docs, then commit')
  })
}

test('the code that guides show is code that runs', () => {
  assert.deepEqual(codeByHand(), [])
})
