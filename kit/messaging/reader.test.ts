import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMetrics } from '@kit/telemetry/metrics'
import { markFault } from '@kit/fault/fault'
import { PARTITIONS, partitionOf } from '@kit/log/partition'
import { sql } from '@kit/postgres/statement'
import { discard, listDeadLetters, replayDeadLetter } from './dead-letters/letters.ts'
import { watchDeadLetters } from './dead-letters/metrics.ts'
import { onBatch } from './consumer.ts'
import { Note, notes, writeNotes } from './test-group.ts'

const removeConstraint = sql(import.meta.url, 'test-allow-bad.sql')

test('messages of one key are handled in the order in which they were sent', async () => {
  await using group = await notes()
  const texts = Array.from({ length: 500 }, (_, i) => String(i))
  for (let i = 0; i < 500; i += 100) {
    await group.db.transaction(async (tx) =>
      group.send(
        tx,
        texts.slice(i, i + 100).map((text) => Note({ topic: 'one', text })),
      ),
    )
  }
  await group.reader().drain()
  assert.deepEqual(await group.written(), texts)
})

test('two readers that both think they own a partition write its effects once', async () => {
  await using group = await notes()
  await group.db.transaction(async (tx) =>
    group.send(tx, [Note({ topic: 'a', text: '1' }), Note({ topic: 'b', text: '2' })]),
  )
  const entered = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const slow = onBatch(Note, async (written, tx, platform) => {
    entered.resolve()
    await gate.promise
    return writeNotes.handle(
      written.map((note) => Note(note)),
      tx,
      platform,
    )
  })
  const zombie = group.reader({ consumers: [slow] }).step()
  await entered.promise
  assert.equal(await group.reader().step(), 'emptied')
  gate.resolve()
  await assert.rejects(zombie, /another reader/)
  assert.deepEqual([...(await group.written())].sort(), ['1', '2'])
})

test('a reader that dies before its commit leaves nothing behind, and the batch is handled again', async () => {
  await using group = await notes()
  await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text: '1' })]))
  let deaths = 0
  const platform = {
    clock: { now: () => new Date() },
    newId: () => crypto.randomUUID(),
    random: () => 0.5,
    failpoint: (name: string) => {
      if (name === 'reader.before-commit' && deaths++ === 0) throw markFault(new Error('died'), 'transient')
    },
  }
  await assert.rejects(group.reader({ platform }).step(), /died/)
  assert.deepEqual(await group.written(), [])
  await group.reader({ platform }).drain()
  assert.deepEqual(await group.written(), ['1'])
})

test('poison is parked, later messages of its key wait behind it, other keys go on, and a replay heals all in order', async () => {
  await using group = await notes()
  const reader = group.reader()
  const sent = ['a 1', 'b 1', 'a bad', 'c 1', 'a 2', 'b 2'].map((line) => {
    const [topic = '', text = ''] = line.split(' ')
    return Note({ topic, text })
  })
  await group.db.transaction(async (tx) => group.send(tx, sent))
  await reader.drain()
  await group.db.transaction(async (tx) =>
    group.send(tx, [Note({ topic: 'a', text: '3' }), Note({ topic: 'c', text: '2' })]),
  )
  await reader.drain()
  assert.deepEqual(await group.written('a'), ['1'])
  assert.deepEqual(await group.written('b'), ['1', '2'])
  assert.deepEqual(await group.written('c'), ['1', '2'])
  const letters = await listDeadLetters(group.db)
  assert.deepEqual(
    letters.map(({ state, envelope }) => [state, Object(envelope.data).text]),
    [
      ['parked', 'bad'],
      ['behind', '2'],
      ['behind', '3'],
    ],
  )
  assert.match(letters[0]?.reason ?? '', /note_not_bad/)
  const metrics = openMetrics()
  watchDeadLetters('notes', group.db, metrics)
  const told = async (state: string) =>
    new RegExp(`^argosy_dead_letters\\{service="notes",state="${state}"\\} (\\d+)$`, 'm').exec(
      await metrics.text(),
    )?.[1]
  assert.deepEqual([await told('parked'), await told('behind'), await told('kept-back')], ['1', '2', '0'])

  await group.db.query(removeConstraint)
  assert.equal(await replayDeadLetter(group.db, letters[0]?.id ?? 0), 3)
  await group.reader().drain()
  assert.deepEqual(await group.written('a'), ['1', 'bad', '2', '3'])
  assert.deepEqual(await listDeadLetters(group.db), [])
  assert.deepEqual([await told('parked'), await told('behind')], ['0', '0'])
})

test('a reason that PostgreSQL could not store is stored without what it cannot', async () => {
  await using group = await notes()
  const failing = onBatch(Note, () => Promise.reject(new Error(`broken\0${'!'.repeat(5_000)}`)))
  await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text: '1' })]))
  await group.reader({ consumers: [failing] }).drain()
  const [letter] = await listDeadLetters(group.db)
  assert.match(letter?.reason ?? '', /^Error: broken!+$/)
  assert.equal(letter?.reason.length, 2_000)
})

test('a partition that always fills the batch does not keep the others waiting', async () => {
  await using group = await notes()
  const keys = Array.from({ length: 100 }, (_, n) => `${n}`)
  const busy = keys.find((key) => partitionOf(key) === 0) ?? ''
  const quiet = keys.find((key) => partitionOf(key) === PARTITIONS - 1) ?? ''
  const many = Array.from({ length: 250 }, () => Note({ topic: busy, text: 'one of many' }))
  for (let i = 0; i < 24; i++) await group.db.transaction(async (tx) => group.send(tx, many))
  await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: quiet, text: 'the only one' })]))
  const reader = group.reader()
  while ((await group.written(quiet)).length === 0 && (await reader.step()) !== 'idle');
  assert.deepEqual(await group.written(quiet), ['the only one'])
  assert.ok((await group.written(busy)).length < 24 * 250, 'the busy one still has some')
})

test('a replay that fails again stays parked, and discarding the poison frees what waits', async () => {
  await using group = await notes()
  await group.db.transaction(async (tx) =>
    group.send(
      tx,
      ['bad', '1', '2'].map((text) => Note({ topic: 'a', text })),
    ),
  )
  await group.reader().drain()
  const [poison] = await listDeadLetters(group.db)
  await replayDeadLetter(group.db, poison?.id ?? 0)
  await group.reader().drain()
  assert.deepEqual(
    (await listDeadLetters(group.db)).map(({ state }) => state),
    ['parked', 'behind', 'behind'],
  )
  assert.equal(await discard(group.db, poison?.id ?? 0), 3)
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['1', '2'])
})

test('a message that comes between the order to replay and the replay is not left behind', async () => {
  await using group = await notes()
  const reader = group.reader()
  const note = (text: string) => group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text })]))
  await note('bad')
  await reader.drain()
  const [poison] = await listDeadLetters(group.db)
  await group.db.query(removeConstraint)
  await replayDeadLetter(group.db, poison?.id ?? 0)
  // This reader has looked for replays a moment ago, so it parks what comes now.
  await note('late')
  await reader.drain()
  await group.reader().drain()
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['bad', 'late'])
  assert.deepEqual(await listDeadLetters(group.db), [])
})

test('two readers that both think they own a partition replay a letter once', async () => {
  await using group = await notes()
  await group.db.transaction(async (tx) =>
    group.send(
      tx,
      ['bad', '2'].map((text) => Note({ topic: 'a', text })),
    ),
  )
  await group.reader().drain()
  const [poison] = await listDeadLetters(group.db)
  await group.db.query(removeConstraint)
  await replayDeadLetter(group.db, poison?.id ?? 0)
  await Promise.all([group.reader().drain(), group.reader().drain()])
  assert.deepEqual(await group.written(), ['bad', '2'])
})

test('whatever is parked of a key is parked, and replayed, in the order of the log', async () => {
  await using group = await notes()
  const malformed = { ...Note({ topic: 'a', text: 'x' }), data: { topic: 'a', text: 7 } }
  const [first, second] = ['bad', 'late'].map((text) => Note({ topic: 'a', text }))
  assert.ok(first !== undefined && second !== undefined)
  await group.db.transaction(async (tx) => group.send(tx, [first, Note({ topic: 'a', text: '2' }), malformed, second]))
  await group.reader().drain()
  const letters = await listDeadLetters(group.db)
  assert.deepEqual(
    letters.map(({ envelope }) => Object(envelope.data).text),
    ['bad', '2', 7, 'late'],
  )
  await group.db.query(removeConstraint)
  await replayDeadLetter(group.db, letters[0]?.id ?? 0)
  await group.reader().drain()
  // The malformed one stays, and holds back what came after it.
  assert.deepEqual(await group.written(), ['bad', '2'])
  assert.deepEqual(
    (await listDeadLetters(group.db)).map(({ state }) => state),
    ['parked', 'behind'],
  )
})

test('what does not match its schema is parked at once', async () => {
  await using group = await notes()
  const wrong = { ...Note({ topic: 'a', text: 'x' }), data: { topic: 'a', text: 7 } }
  await group.db.transaction(async (tx) => group.send(tx, [wrong, Note({ topic: 'b', text: '1' })]))
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['1'])
  const [letter] = await listDeadLetters(group.db)
  assert.match(letter?.reason ?? '', /MalformedMessage: notes.note.v1: \/text/)
})

test('a started reader is woken by a commit', async () => {
  await using group = await notes()
  const arrived = Promise.withResolvers<void>()
  await using reader = group.reader({
    send: () => arrived.resolve(),
    consumers: [{ types: [Note], handle: async () => [Note({ topic: 'x', text: 'seen' })] }],
  })
  reader.start()
  await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text: '1' })]))
  await arrived.promise
})
