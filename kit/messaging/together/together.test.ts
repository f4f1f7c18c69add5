import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { markFault } from '@kit/fault/fault'
import type { TopicPartition } from '@kit/log/log'
import { partitionOf } from '@kit/log/partition'
import { KeptBack } from '@kit/message/kept-back'
import { fixedPlatform } from '@kit/platform/fixed'
import { openSession } from '@kit/postgres/session'
import { sql } from '@kit/postgres/statement'
import { onBatch, type Consumer } from '../consumer.ts'
import { listDeadLetters, replayDeadLetter } from '../dead-letters/letters.ts'
import { hears, neighbours, Write, writes, Written, type Neighbours, type Process } from './test-neighbours.ts'

const allowBad = sql(import.meta.url, '../test-allow-bad.sql')
const renameText = sql(import.meta.url, '../test-rename-text.sql')
const restoreText = sql(import.meta.url, '../test-restore-text.sql')
const conflict = sql(import.meta.url, 'test-conflict.sql')

const chain = ['shelf', 'desk']
const split = (texts: readonly string[], is: (text: string) => boolean) => [
  texts.filter(is),
  texts.filter((text) => !is(text)),
]
const typesOf = async (all: Neighbours) => (await all.outbox()).map(({ type }) => type)
const lettersOf = async (process: Process, name: 'till' | 'shelf' | 'desk') =>
  (await listDeadLetters(process.of(name).db)).map(({ state, envelope }) => [state, Object(envelope.data).text])

test('a chain of three is one transaction, and nothing of it is in the log', async () => {
  await using all = await neighbours()
  const process = await all.open()
  const before = process.of('till').db.stats().transactions
  await process.begin('till', Write.till({ id: 'a', text: '1', via: chain }))
  assert.equal(process.of('till').db.stats().transactions - before, 1)
  for (const name of ['till', 'shelf', 'desk'] as const) assert.deepEqual(await all.written(name), ['1'])
  assert.deepEqual(await all.outbox(), [])
})

test('what was read from the log is gone on with in the transaction of its reader', async () => {
  await using all = await neighbours()
  const process = await all.open()
  await process.send('till', Write.till({ id: 'a', text: '1', via: chain }))
  assert.deepEqual(await all.written('till'), [])
  await process.of('till').reader.step()
  assert.deepEqual(await all.written('desk'), ['1'])
  assert.deepEqual(await typesOf(all), ['till.write.v1'])
})

test('off, everything travels', async () => {
  await using all = await neighbours()
  const process = await all.open({ mode: 'off' })
  await process.begin('till', Write.till({ id: 'a', text: '1', via: chain }))
  assert.deepEqual(await all.written('till'), [])
  await process.settle()
  assert.deepEqual(await all.written('desk'), ['1'])
  assert.deepEqual(await typesOf(all), ['till.write.v1', 'shelf.write.v1', 'desk.write.v1'])
})

test('poison at a neighbour undoes nothing of the sender’s: it is parked there, what follows waits, others go on', async () => {
  await using all = await neighbours()
  const process = await all.open()
  await process.of('till').db.query(allowBad)
  const say = (id: string, text: string) => process.begin('till', Write.till({ id, text, via: chain }))
  await say('a', 'bad')
  await say('a', '2')
  await say('b', '1')
  await process.settle()
  assert.deepEqual(await all.written('till', 'a'), ['bad', '2'])
  for (const name of ['till', 'desk'] as const) assert.deepEqual(await all.written(name, 'b'), ['1'])
  assert.deepEqual(await lettersOf(process, 'shelf'), [
    ['parked', 'bad'],
    ['behind', '2'],
  ])
})

test('what comes of a parked key goes through the log and waits there, also when others are handed on', async () => {
  await using all = await neighbours()
  const parking = await all.open()
  await parking.send('shelf', Write.shelf({ id: 'a', text: 'bad', via: [] }))
  await parking.settle()
  const process = await all.open()
  await process.begin(
    'till',
    Write.till({ id: 'a', text: '2', via: ['shelf'] }),
    Write.till({ id: 'b', text: '1', via: ['shelf'] }),
  )
  assert.deepEqual(await all.written('shelf'), ['1'])
  await process.settle()
  assert.deepEqual(await lettersOf(process, 'shelf'), [
    ['parked', 'bad'],
    ['behind', '2'],
  ])
  const { db } = process.of('shelf')
  await db.query(allowBad)
  const [poison] = await listDeadLetters(db)
  await replayDeadLetter(db, poison?.id ?? 0)
  // Another process, whose reader has not looked for replays a moment ago.
  await (await all.open()).settle()
  assert.deepEqual(await all.written('shelf', 'a'), ['bad', '2'])
})

test('what this process has just written to the log is not overtaken', async () => {
  await using all = await neighbours()
  const process = await all.open()
  await process.send('shelf', Write.shelf({ id: 'a', text: '1', via: [] }))
  await process.begin('till', Write.till({ id: 'a', text: '2', via: ['shelf'] }))
  assert.deepEqual(await all.written('shelf'), [])
  await process.settle()
  assert.deepEqual(await all.written('shelf'), ['1', '2'])
  await process.begin('till', Write.till({ id: 'a', text: '3', via: ['shelf'] }))
  assert.deepEqual(await all.written('shelf'), ['1', '2', '3'])
})

test('what another process has written to the log is not overtaken', async () => {
  await using all = await neighbours()
  const process = await all.open()
  const other = await all.open({ names: ['till'] })
  await other.send('till', Write.shelf({ id: 'a', text: '1', via: [] }))
  await process.begin('till', Write.till({ id: 'a', text: '2', via: ['shelf'] }))
  assert.deepEqual(await all.written('till'), [])
  // Another key is not held up by that.
  await process.begin('till', Write.till({ id: 'b', text: '1', via: ['shelf'] }))
  assert.deepEqual(await all.written('shelf'), ['1'])
  await process.settle()
  assert.deepEqual(await all.written('shelf', 'a'), ['1', '2'])
})

test('what leads to another of its own key is not overtaken by it, and is handled once', async () => {
  await using all = await neighbours()
  const other = await all.open({ names: ['shelf'], owns: () => false })
  const till = writes('till')
  const handled: number[] = []
  const counting: Consumer = {
    types: till.types,
    handle: (batch, tx, platform) => {
      handled.push(batch.length)
      return till.handle(batch, tx, platform)
    },
  }
  const process = await all.open({ replaced: { till: counting } })
  await other.send('shelf', Write.till({ id: 'a', text: '1', via: ['till'] }))
  await process.settle()
  assert.deepEqual(handled, [1, 1])
})

test('what another process tells of while a chain is under way is not overtaken', async () => {
  await using all = await neighbours()
  const other = await all.open({ names: ['till'] })
  const shelf = writes('shelf')
  let told = 0
  const listening: Consumer = {
    types: shelf.types,
    handle: async (batch, tx, platform) => {
      // As if this had waited for a row that the other transaction has changed.
      if (told++ === 0) await other.send('till', Write.desk({ id: 'a', text: '1', via: [] }))
      return shelf.handle(batch, tx, platform)
    },
  }
  const process = await all.open({ replaced: { shelf: listening } })
  await process.begin('till', Write.shelf({ id: 'a', text: '2', via: ['desk'] }))
  await process.settle()
  assert.deepEqual(await all.written('desk'), ['1', '2'])
})

test('a message that is left for the log keeps those of its key behind it', async () => {
  await using all = await neighbours()
  // Chance leaves the first one and would hand on the second.
  const chances = [0.1, 0.9, 0.9, 0.9]
  const platform = { ...fixedPlatform({ now: new Date() }), random: () => chances.shift() ?? 0.9 }
  const process = await all.open({ mode: 'sometimes', platform })
  const note = (text: string) => Write.shelf({ id: 'a', text, via: [] })
  await process.begin('till', note('1'), note('2'))
  await process.settle()
  assert.deepEqual(await all.written('shelf'), ['1', '2'])
})

test('what another group reads as well is written once, and those who have had it pass it over', async () => {
  await using all = await neighbours()
  const process = await all.open({ names: ['till', 'shelf'], consumers: { till: [hears] } })
  const other = await all.open({ names: ['desk'], consumers: { desk: [hears] } })
  await process.begin('till', Write.shelf({ id: 'a', text: '1', via: ['tell'] }))
  assert.deepEqual(
    (await all.outbox()).map(({ type, had }) => [type, had]),
    [[Written.type, 'till']],
  )
  assert.deepEqual(await all.written('till'), ['heard 1'])
  await process.settle()
  await other.settle()
  assert.deepEqual(await all.written('till'), ['heard 1'])
  assert.deepEqual(await all.written('desk'), ['heard 1'])
})

test('who takes over the partitions passes over what the group has had', async () => {
  await using all = await neighbours()
  const consumers = { till: [hears], desk: [hears] }
  const process = await all.open({ names: ['till', 'shelf'], consumers })
  const other = await all.open({ names: ['till', 'desk'], consumers, owns: (group) => group === 'desk' })
  await process.begin('till', Write.shelf({ id: 'a', text: '1', via: ['tell'] }))
  await process[Symbol.asyncDispose]()
  await other.settle()
  const heir = await all.open({ names: ['till', 'desk'], consumers })
  await heir.settle()
  assert.deepEqual(await all.written('till'), ['heard 1'])
  assert.deepEqual(await all.written('desk'), ['heard 1'])
})

test('what is another process’s to read goes there through the log', async () => {
  await using all = await neighbours()
  const mine = partitionOf('a')
  const process = await all.open({ owns: (group, { partition }) => group !== 'shelf' || partition === mine })
  const other = await all.open({ names: ['shelf'], owns: (_group, { partition }) => partition !== mine })
  const keys = ['a', ...Array.from({ length: 20 }, (_, n) => `k${n}`)]
  const near = keys.filter((key) => partitionOf(key) === mine)
  for (const id of keys) await process.begin('till', Write.till({ id, text: id, via: ['shelf'] }))
  assert.deepEqual(await all.written('shelf'), near)
  await other.settle()
  assert.deepEqual((await all.written('shelf')).toSorted(), keys.toSorted())
})

test('a group that joins later is told what it has missed, for not all was written', async () => {
  await using all = await neighbours()
  const process = await all.open({ names: ['till', 'shelf'], consumers: { till: [hears] } })
  await process.begin('till', Write.shelf({ id: 'a', text: '1', via: ['tell'] }))
  assert.deepEqual(await all.outbox(), [])
  const missed: string[] = []
  await all.open({ names: ['desk'], consumers: { desk: [hears] }, missed: (topics) => missed.push(...topics) })
  assert.ok(missed.includes('shelf.events'), missed.join())
})

test('who joins while something is left unwritten for the first time is told as well', async () => {
  await using all = await neighbours()
  await using session = await openSession(all.url)
  await session.query('begin')
  await session.query(`select log.note_unwritten(array['shelf.events'], array['shelf'])`)
  const missed: string[] = []
  const joining = all.open({
    names: ['desk'],
    consumers: { desk: [hears] },
    missed: (topics) => missed.push(...topics),
  })
  const late = AbortSignal.timeout(5_000)
  while ((await session.query('select from pg_locks where not granted')).length === 0)
    if (late.aborted) throw new Error('nobody has waited for the end of the transaction within 5 s')
  await session.query('commit')
  await joining
  assert.ok(missed.includes('shelf.events'), missed.join())
})

test('a chain that meets a conflict is done again as a chain', async () => {
  await using all = await neighbours()
  let conflicts = 0
  let committed = 0
  const desk = writes('desk')
  const struggling: Consumer = {
    types: desk.types,
    handle: async (batch, tx, platform) => {
      tx.afterCommit(() => committed++)
      if (conflicts++ === 0) await tx.query(conflict)
      return desk.handle(batch, tx, platform)
    },
  }
  const process = await all.open({ replaced: { desk: struggling } })
  await process.begin('till', Write.till({ id: 'a', text: '1', via: chain }))
  assert.deepEqual([conflicts, committed], [2, 1])
  assert.equal(process.of('till').db.stats().conflicts, 1)
  for (const name of ['till', 'shelf', 'desk'] as const) assert.deepEqual(await all.written(name), ['1'])
  assert.deepEqual(await all.outbox(), [])
})

test('a neighbour that stands still holds nobody up, and has its messages when it goes on', async () => {
  await using all = await neighbours()
  const process = await all.open()
  const { db, reader } = process.of('shelf')
  await db.query(renameText)
  await process.begin('till', Write.till({ id: 'a', text: '1', via: chain }))
  await process.of('till').reader.drain()
  assert.deepEqual(await all.written('till'), ['1'])
  await assert.rejects(reader.step(), { code: '42703' })
  await process.begin('till', Write.till({ id: 'a', text: '2', via: chain }))
  await process.of('till').reader.drain()
  assert.deepEqual(await all.written('till'), ['1', '2'])
  await db.query(restoreText)
  await process.settle()
  assert.deepEqual(await all.written('desk'), ['1', '2'])
  assert.deepEqual(await lettersOf(process, 'shelf'), [])
})

test('a neighbour that keeps something back for another release keeps it back, and the sender goes on', async () => {
  await using all = await neighbours()
  const shelf = onBatch(Write.shelf, () => Promise.reject(new KeptBack('not by this release')))
  const process = await all.open({ replaced: { shelf } })
  await process.begin('till', Write.till({ id: 'a', text: '1', via: ['shelf'] }))
  await process.settle()
  assert.deepEqual(await all.written('till'), ['1'])
  assert.deepEqual(await lettersOf(process, 'shelf'), [['kept-back', '1']])
})

test('a reader that dies before its commit leaves nothing behind, and nothing is done twice', async () => {
  await using all = await neighbours()
  let deaths = 0
  const failpoint = (name: string): void => {
    // Before the commit of the chain, and once more before that of the long way.
    if (name === 'reader.before-commit' && deaths++ < 2) throw markFault(new Error('died'), 'transient')
  }
  const dying = await all.open({ platform: fixedPlatform({ now: new Date(), failpoint }) })
  await dying.send('till', Write.till({ id: 'a', text: '1', via: chain }))
  await assert.rejects(dying.of('till').reader.step(), /died/)
  assert.deepEqual(await all.written('till'), [])
  await (await all.open()).settle()
  for (const name of ['till', 'shelf', 'desk'] as const) assert.deepEqual(await all.written(name), ['1'])
})

test('a commit of which nobody knows whether it was done is not done twice', async () => {
  await using all = await neighbours()
  const asking = await all.open({ names: ['till'], owns: () => false })
  let isLost = false
  const failpoint = (name: string): void => {
    // After the commit, as if its answer were lost.
    if (name !== 'outbox.before-wake' || isLost) return
    isLost = true
    throw markFault(new Error('lost'), 'transient')
  }
  const platform = fixedPlatform({ now: new Date(), failpoint })
  const process = await all.open({ names: ['till', 'shelf'], platform })
  await asking.send('till', Write.till({ id: 'a', text: '1', via: chain }))
  await assert.rejects(process.of('till').reader.step(), { code: 'ARG01' })
  await process.settle()
  await (await all.open({ names: ['desk'] })).settle()
  assert.ok(isLost)
  for (const name of ['till', 'shelf', 'desk'] as const) assert.deepEqual(await all.written(name), ['1'])
})

test('once a reader is closed, nothing is done for its group', async () => {
  await using all = await neighbours()
  const entered = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const desk = writes('desk')
  const slow: Consumer = {
    types: desk.types,
    handle: async (batch, tx, platform) => {
      entered.resolve()
      await gate.promise
      return desk.handle(batch, tx, platform)
    },
  }
  const process = await all.open({ replaced: { desk: slow } })
  const begun = process.begin('till', Write.till({ id: 'a', text: '1', via: ['desk'] }))
  await entered.promise
  let isClosed = false
  const closed = process
    .of('desk')
    .reader[Symbol.asyncDispose]()
    .then(() => (isClosed = true))
  await all.written('desk')
  const hasWaited = !isClosed
  gate.resolve()
  await Promise.all([begun, closed])
  assert.ok(hasWaited)
  assert.deepEqual(await all.written('desk'), ['1'])
  await process.begin('till', Write.till({ id: 'a', text: '2', via: ['desk'] }))
  assert.deepEqual(await all.written('desk'), ['1'])
})

/** Two processes of two of the services each: what of a key is one's to read is not always the same for each of them. */
const halves = (parity: number) => ({
  owns: (group: string, { partition }: TopicPartition) => (partition + group.length) % 2 === parity,
})

for (const seed of [1, 2, 3]) {
  test(`sometimes: effects exactly once, and in order for each key (seed ${seed})`, async () => {
    await using all = await neighbours()
    const consumers = { till: [hears], desk: [hears] }
    const processes: Process[] = []
    for (const parity of [0, 1]) {
      const platform = { ...fixedPlatform({ now: new Date(), seed: seed * 10 + parity }), newId: randomUUID }
      processes.push(await all.open({ ...halves(parity), mode: 'sometimes', platform, consumers }))
    }
    const keys = Array.from({ length: 12 }, (_, n) => `k${n}`)
    const texts = Array.from({ length: 15 }, (_, n) => `${n}`)
    for (const [n, text] of texts.entries()) {
      const notes = keys.map((id) => Write.till({ id, text, via: ['desk', 'shelf', 'tell'] }))
      await processes[n % 2]?.send('till', ...notes)
      // Now one is ahead, now the other, and now both at once.
      await Promise.all(processes.filter((_, p) => (n + p + seed) % 3 > 0).map((process) => process.settle()))
    }
    for (const round of processes.concat(processes)) await round.settle()
    for (const id of keys) {
      for (const name of ['till', 'shelf', 'desk'] as const) {
        const [heard, own] = split(await all.written(name, id), (text) => text.startsWith('heard '))
        assert.deepEqual(own, texts, `${name} ${id}`)
        assert.deepEqual(heard, name === 'shelf' ? [] : texts.map((text) => `heard ${text}`), `${name} ${id}`)
      }
    }
  })
}
