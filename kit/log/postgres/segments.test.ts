import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Note, notes, type Notes } from '@kit/messaging/test-group'
import { openSession, type Session } from '@kit/postgres/session'
import { sql } from '@kit/postgres/statement'
import { foldPartitions, forget, lagOf, listGroups, over, register, turnSegments } from './housekeeping.ts'

const countRows = sql<{ rows: number }>(import.meta.url, 'test-count-rows.sql')

const note = (group: Notes, text: string) =>
  group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text })]))
const rows = async (group: Notes) => (await group.db.query(countRows))[0]?.rows
/** Everything that is kept is older by an hour. */
const age = async (session: Session) => {
  await session.query(`update log.outbox set at = at - interval '1 hour'`)
  await session.query(`update log.state set segment_since = segment_since - interval '1 hour'`)
}
const turn = async (session: Session) => {
  await age(session)
  const emptied = await turnSegments(over(session), 60)
  return emptied.length
}

test('a segment is dropped when it is old and every group has read it, and never before', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  const slow = group.reader({ group: 'slow' })
  const quick = group.reader()
  await slow.drain()
  await note(group, '1')
  await quick.drain()
  assert.equal(await turn(session), 0, 'the segment that is written to is never dropped')
  assert.equal(await turn(session), 0, 'slow has not read it')
  await slow.drain()
  assert.deepEqual(await turnSegments(over(session), 86_400), [], 'too young')
  assert.equal(await turn(session), 1)
  assert.equal(await rows(group), 0)
  await note(group, '2')
  await quick.drain()
  await slow.drain()
  assert.deepEqual(await group.written(), ['1', '1', '2', '2'])
})

test('the log goes round its segments for ever', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  const reader = group.reader()
  const expected: string[] = []
  for (let n = 0; n < 8; n++) {
    await note(group, `${n}`)
    await reader.drain()
    expected.push(`${n}`)
    await turn(session)
    assert.ok(((await rows(group)) ?? 0) <= 3)
  }
  assert.deepEqual(await group.written(), expected)
})

test('what a transaction has written that had not ended when its group looked is kept until it is read', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  await using writer = await openSession(group.url)
  const reader = group.reader()
  await reader.drain()
  await writer.query('begin')
  await writer.query(
    `insert into log.outbox (topic, partition, messages)
     values ('notes.commands', 0, '[{"id":"1","type":"notes.note.v1","partitionkey":"a","data":{"topic":"a","text":"late"}}]')`,
  )
  await session.query(
    `insert into log.outbox (topic, partition, messages)
     values ('notes.commands', 0, '[{"id":"2","type":"notes.note.v1","partitionkey":"b","data":{"topic":"b","text":"soon"}}]')`,
  )
  await reader.drain()
  await writer.query('commit')
  await turn(session)
  assert.equal(await turn(session), 0, 'one row of it is not read')
  await reader.drain()
  assert.equal(await turn(session), 1)
  assert.deepEqual(await group.written(), ['soon', 'late'])
})

test('a group that is registered and has never run misses nothing, and one that is forgotten holds nothing back', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  const reader = group.reader()
  await register(over(session), ['notes', 'newcomer'])
  await note(group, '1')
  await reader.drain()
  await turn(session)
  assert.equal(await turn(session), 0)
  const late = group.reader({ group: 'newcomer' })
  await late.drain()
  assert.deepEqual(await group.written(), ['1', '1'])
  await note(group, '2')
  await reader.drain()
  await turn(session)
  assert.equal(await turn(session), 0, 'the newcomer has fallen behind')
  assert.deepEqual(
    (await lagOf(over(session))).map(({ group: name, messages }) => [name, messages]),
    [
      ['newcomer', 1],
      ['notes', 0],
    ],
  )
  assert.equal(await forget(over(session), 'newcomer'), true)
  assert.equal(await forget(over(session), 'newcomer'), false)
  assert.equal(await turn(session), 1)
  assert.deepEqual(
    (await listGroups(over(session))).map(({ name, forgotten_at }) => [name, forgotten_at !== null]),
    [
      ['newcomer', true],
      ['notes', false],
    ],
  )
})

test('a group is told of topics whose beginning is gone, in the transaction that makes it a reader of them', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  const missed: string[] = []
  const options = { group: 'late', missed: (_: unknown, topics: readonly string[]) => void missed.push(...topics) }
  await note(group, '1')
  await group.reader().drain()
  await turn(session)
  await turn(session)
  assert.equal(await rows(group), 0)
  await group.reader(options).drain()
  assert.deepEqual(missed, ['notes.commands'])
  await group.reader(options).drain()
  assert.deepEqual(missed, ['notes.commands'], 'once')
})

test('rows of partitions that there are no more go to those that there are, in their order', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  for (const text of ['1', '2', '3', '4']) await note(group, text)
  const [first] = await session.query<{ topic: string; partition: number }>('select topic, partition from log.outbox')
  await session.query('update log.outbox set partition = 7')
  await foldPartitions(over(session), { partitions: () => 4 })
  assert.deepEqual(await session.query('select distinct topic, partition from log.outbox'), [
    { topic: first?.topic, partition: 3 },
  ])
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['1', '2', '3', '4'])
})
