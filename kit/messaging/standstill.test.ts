import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markFault } from '@kit/fault/fault'
import { command } from '@kit/message/message'
import { PARTITIONS, partitioning, partitionOf } from '@kit/log/partition'
import { KeptBack } from '@kit/message/kept-back'
import { fixedPlatform } from '@kit/platform/fixed'
import { openSession } from '@kit/postgres/session'
import { sql } from '@kit/postgres/statement'
import Type from 'typebox'
import { onBatch } from './consumer.ts'
import { listDeadLetters } from './dead-letters/letters.ts'
import { append, enclose, pack } from './outbox.ts'
import { Note, notes, writeNotes, type Notes } from './test-group.ts'

const renameText = sql(import.meta.url, 'test-rename-text.sql')
const restoreText = sql(import.meta.url, 'test-restore-text.sql')

const send = (group: Notes, ...lines: readonly (readonly [topic: string, text: string])[]) =>
  group.db.transaction(async (tx) =>
    group.send(
      tx,
      lines.map(([topic, text]) => Note({ topic, text })),
    ),
  )
const states = async (group: Notes) => (await listDeadLetters(group.db)).map(({ state }) => state)

test('while a column is missing the group stands still and says so; nothing is parked, and it goes on by itself', async () => {
  await using group = await notes()
  const reader = group.reader()
  await send(group, ['a', '1'], ['b', '1'])
  await group.db.query(renameText)
  for (let n = 0; n < 3; n++) await assert.rejects(reader.step(), { code: '42703' })
  assert.match(reader.complaint() ?? '', /^the messages of notes stand still: error 42703$/)
  assert.deepEqual(await states(group), [])
  await group.db.query(restoreText)
  await reader.drain()
  assert.equal(reader.complaint(), undefined)
  assert.deepEqual(await group.written(), ['1', '1'])
})

test('a handler that fails for everything is not the messages’ fault: the group stands still', async () => {
  await using group = await notes()
  let isBroken = true
  const consumer = onBatch(Note, async (written, tx, platform) => {
    if (isBroken) throw new TypeError('undefined is not a function')
    return writeNotes.handle(
      written.map((note) => Note(note)),
      tx,
      platform,
    )
  })
  const reader = group.reader({ consumers: [consumer] })
  await send(group, ['a', '1'], ['b', '2'], ['c', '3'])
  await assert.rejects(reader.step(), /messages of 3 keys fail, each alone: TypeError: undefined is not a function/)
  assert.match(reader.complaint() ?? '', /stand still: EverythingFails/)
  assert.deepEqual(await states(group), [])
  isBroken = false
  await reader.drain()
  assert.deepEqual((await group.written()).toSorted(), ['1', '2', '3'])
})

test('a handler that is mended while its messages are tried one by one has parked none of them', async () => {
  await using group = await notes()
  let calls = 0
  const consumer = onBatch(Note, async (written, tx, platform) => {
    // All together twice, the first half, its half, and the first message alone.
    if (++calls <= 5) throw new TypeError('undefined is not a function')
    return writeNotes.handle(
      written.map((note) => Note(note)),
      tx,
      platform,
    )
  })
  const topics = ['a', 'b', 'c', 'd']
  await send(group, ...topics.map((topic) => [topic, '1'] as const), ...topics.map((topic) => [topic, '2'] as const))
  await group.reader({ consumers: [consumer] }).drain()
  assert.deepEqual(await states(group), [])
  for (const topic of topics) assert.deepEqual(await group.written(topic), ['1', '2'])
})

test('poison stays poison among several that fail, as long as something succeeds', async () => {
  await using group = await notes()
  await send(group, ['a', 'bad'], ['b', 'bad'], ['c', 'bad'], ['d', 'good'])
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['good'])
  assert.deepEqual(await states(group), ['parked', 'parked', 'parked'])
})

const Erase = command('notes.erase.v1', 'topic', Type.Object({ topic: Type.String() }))

test('a command that this release does not know is kept back, in order, until one that knows it reads it', async () => {
  await using group = await notes()
  const old = group.reader()
  await group.db.transaction(async (tx) =>
    group.send(tx, [Erase({ topic: 'a' }), Note({ topic: 'a', text: '1' }), Note({ topic: 'b', text: '2' })]),
  )
  await old.drain()
  assert.deepEqual(await group.written(), ['2'], 'what comes behind it waits')
  assert.deepEqual(await states(group), ['kept-back', 'behind'])
  let erased = 0
  const erase = onBatch(Erase, async () => {
    erased++
    return []
  })
  await group.reader({ consumers: [writeNotes, erase] }).drain()
  assert.equal(erased, 1)
  assert.deepEqual(await group.written(), ['2', '1'])
  assert.deepEqual(await states(group), [])
})

test('a message that only another release can handle is kept back when its handler says so', async () => {
  await using group = await notes()
  const consumer = onBatch(Note, async (written, tx, platform) => {
    if (written.some(({ text }) => text === 'new')) throw new KeptBack('begun by a newer release')
    return writeNotes.handle(
      written.map((note) => Note(note)),
      tx,
      platform,
    )
  })
  await send(group, ['a', 'new'], ['a', '2'], ['b', 'new'], ['c', 'new'])
  await group.reader({ consumers: [consumer] }).drain()
  assert.deepEqual(await group.written(), [], 'many of them are no fault of this instance either')
  assert.deepEqual(await states(group), ['kept-back', 'behind', 'kept-back', 'kept-back'])
  await group.reader().drain()
  assert.deepEqual(await group.written('a'), ['new', '2'])
  assert.deepEqual(await states(group), [])
})

test('what is meant for another group is passed over', async () => {
  await using group = await notes()
  const enclosing = { platform: fixedPlatform(), ...partitioning, audience: 'others' }
  const theirs = pack([enclose(Note({ topic: 'a', text: 'theirs' }), enclosing)])
  await group.db.transaction(async (tx) => append(tx, theirs))
  await send(group, ['a', 'ours'])
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['ours'])
})

test('a transaction that does not end keeps only the partitions that it has locked from being read', async () => {
  await using group = await notes()
  let deaths = 0
  const platform = fixedPlatform({
    now: new Date(),
    failpoint: (name) => {
      if (name === 'reader.before-commit' && deaths++ === 0) throw markFault(new Error('died'), 'transient')
    },
  })
  const keys = Array.from({ length: PARTITIONS }, (_, n) => keyOf(n))
  await send(group, ...keys.map((key) => [key, key] as const))
  const reader = group.reader({ platform })
  await assert.rejects(reader.step(), /died/)
  await using other = await openSession(group.url)
  await other.query('begin')
  await other.query(`update log.checkpoint set position = position where partition = 0`)
  await reader.drain()
  assert.deepEqual((await group.written()).toSorted(), keys.slice(1).toSorted())
  await other.query('rollback')
  await reader.drain()
  assert.deepEqual((await group.written()).toSorted(), keys.toSorted())
})

/** A key of this partition. */
const keyOf = (partition: number): string => {
  for (let n = 0; ; n++) if (partitionOf(`${n}`) === partition) return `${n}`
}

test('a message whose rows are locked for good is set aside, and keeps back its own key only', async () => {
  await using group = await notes()
  await using other = await openSession(group.url)
  await other.query(`create table notes.lock (topic text primary key)`)
  await other.query(`insert into notes.lock values ('a')`)
  await other.query(`grant all on notes.lock to argosy_notes`)
  await other.query('begin')
  await other.query(`select from notes.lock for update`)
  const consumer = onBatch(Note, async (written, tx, platform) => {
    await tx.query(lockTopics, [written.map(({ topic }) => topic)])
    return writeNotes.handle(
      written.map((note) => Note(note)),
      tx,
      platform,
    )
  })
  const reader = group.reader({ consumers: [consumer] })
  await send(group, ['a', '1'], ['b', '2'], ['a', '3'], ['c', '4'])
  await reader.drain()
  assert.deepEqual((await group.written()).toSorted(), ['2', '4'])
  await other.query('rollback')
  await group.reader({ consumers: [consumer] }).drain()
  assert.deepEqual(await group.written('a'), ['1', '3'])
  assert.deepEqual(await states(group), [])
})

const lockTopics = { name: 'lock topics', text: 'select from lock where topic = any ($1::text[]) for update' }
