// The short form of `npm run chaos`: purchases of all kinds while the shop and its database are killed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chaos } from './chaos/run.ts'

test('the laws hold while the shop and its database are killed', { timeout: 110_000 }, async (t) => {
  const report = await chaos({
    purchases: 100,
    seed: 20_261,
    kills: 2,
    failpoints: ['reader.before-commit', 'job.after-perform'],
    times: 1,
    fsync: false,
    log: (line) => t.diagnostic(line),
  })
  assert.deepEqual(report.violations, [])
  assert.equal(report.requests.invoke, 100)
})
