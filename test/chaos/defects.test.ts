// The checker must be seen to catch. The rest of the planted defects: `npm run chaos -- --defects`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defects } from './defects/defects.ts'
import { chaosWith, prove } from './defects/prove.ts'

const timeout = 100_000

test('a sound shop keeps the laws when every message is delivered twice', { timeout }, async () => {
  assert.deepEqual((await chaosWith(['twice'], {})).violations, [])
})

const quick = Object.entries(defects).filter(([, { caughtBy }]) => 'test' in caughtBy)
for (const [name] of quick) {
  test(`caught: a shop that ${name}`, { timeout }, async (t) => t.diagnostic(await prove(name)))
}
