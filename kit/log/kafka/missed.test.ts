// What a group that comes late is told that it has missed; with real brokers: `npm run test:cluster`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance, loadPositions } from '../checkpoints.ts'
import { notes } from '@kit/messaging/test-group'
import { inline } from '@kit/postgres/test-database'
import { sql } from '@kit/postgres/statement'

const selectMissed = sql<{ topic: string }>(import.meta.url, 'select-missed.sql')
const drop = inline('update log.state set dropped_at = now()')

const TOPICS = ['order.events', 'account.events']

test('who begins to read is told of topics whose beginning is gone from Kafka, or was dropped before it came there', async () => {
  await using group = await notes()
  const missed = async (gone: readonly string[]): Promise<readonly string[]> =>
    (await group.db.query(selectMissed, ['mail', TOPICS, gone])).map(({ topic }) => topic)
  assert.deepEqual(await missed([]), [])
  assert.deepEqual(await missed(['order.events']), ['order.events'])
  await group.db.query(drop)
  assert.deepEqual(await missed([]), TOPICS)
  const place = { topic: 'order.events', partition: 0 }
  await loadPositions(group.db, 'mail', [place])
  assert.deepEqual(await missed([]), TOPICS, 'it has read nothing yet')
  const to = '7@018f3e5a-0000-4000-8000-0000000000ff'
  await group.db.transaction((tx) => advance(tx, 'mail', [{ ...place, from: '', to }]))
  assert.deepEqual(await missed(TOPICS), ['account.events'])
})
