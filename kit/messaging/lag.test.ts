import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from '@kit/postgres/statement'
import { openMetrics } from '@kit/telemetry/metrics'
import { watchLag } from './lag.ts'
import { Note, notes } from './test-group.ts'

const ageRows = sql(import.meta.url, 'lag-test-age-rows.sql')

/** The figures of a scrape, by metric and labels as they are printed. */
const figuresIn = (text: string): ReadonlyMap<string, number> =>
  new Map([...text.matchAll(/^(argosy_\S+) (\S+)$/gm)].map(([, name, value]) => [String(name), Number(value)]))

test('rows that a group has not read are counted with the age of the oldest; once read there are none', async () => {
  await using group = await notes()
  const metrics = openMetrics()
  watchLag(group.db, { metrics })
  const lag = async () => {
    const figures = figuresIn(await metrics.text())
    const named = (name: string) => figures.get(name)
    return {
      rows: named('argosy_reader_lag_rows{group="notes"}'),
      seconds: named('argosy_reader_lag_seconds{group="notes"}'),
      oldest: named('argosy_outbox_oldest_seconds'),
    }
  }
  assert.equal((await lag()).oldest, 0, 'nobody reads yet')

  const reader = group.reader()
  await reader.drain()
  assert.deepEqual(await lag(), { rows: 0, seconds: 0, oldest: 0 })

  for (const text of ['1', '2']) await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text })]))
  await group.db.query(ageRows, [3600])
  const behind = await lag()
  assert.equal(behind.rows, 2)
  for (const age of [behind.seconds, behind.oldest])
    assert.ok(age !== undefined && age >= 3600 && age < 3700, `${age} seconds`)

  await reader.drain()
  assert.deepEqual(await lag(), { rows: 0, seconds: 0, oldest: 0 })
})
