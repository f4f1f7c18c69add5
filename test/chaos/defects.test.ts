// What must be caught by a test. The rest of the planted defects, and that sound shops pass: `npm run chaos -- --defects`.
import { test } from 'node:test'
import { defects } from './defects/defects.ts'
import { prove } from './defects/prove.ts'

const timeout = 100_000

const quick = Object.entries(defects).filter(([, { caughtBy }]) => 'test' in caughtBy)
for (const [name] of quick) {
  test(`caught: a shop that ${name}`, { timeout }, async (t) => t.diagnostic(await prove(name)))
}
