// How far the groups of a database have read, by their checkpoints.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notes } from '@kit/messaging/test-group'
import { inline } from '@kit/postgres/test-database'
import { positionsIn } from './groups.ts'

const insert = inline(`insert into log.checkpoint (reader_group, topic, partition, position)
  select * from unnest($1::text[], $2::text[], $3::smallint[], $4::text[])`)

const now = '018f3e5a-0000-4000-8000-0000000000ff'
const before = '018f3e5a-0000-4000-8000-0000000000ee'

test('of topics that were made anew nothing is read, and of partitions that are no more nothing is told', async () => {
  await using group = await notes()
  const rows = [
    ['board', 'notes', 0, `7@${now};a=1`],
    ['board', 'notes', 1, `9@${before};a=1`],
    ['board', 'notes', 2, `9@${now}`],
    ['board', 'gone', 0, `9@${now}`],
    ['relay', 'notes', 0, '3@5:5:'],
  ]
  await group.db.query(
    insert,
    [0, 1, 2, 3].map((column) => rows.map((row) => row[column])),
  )
  const positions = await positionsIn(group.db, { topics: { ids: new Map([['notes', now]]) }, partitions: 2 })
  assert.deepEqual(
    new Map(positions.map(({ partition, position }) => [partition, position])),
    new Map([
      [0, `7@${now};a=1`],
      [1, ''],
    ]),
  )
})
