// How the relay takes an outbox to brokers that keep it waiting; real ones: `npm run test:cluster`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Note, notes, telemetry, type Notes } from '@kit/messaging/test-group'
import { fixedPlatform } from '@kit/platform/fixed'
import { sql } from '@kit/postgres/statement'
import type { OutgoingRecord } from './records.ts'
import { TooLarge } from './errors.ts'
import { Relay } from './relay.ts'

const claimPlaces = sql(import.meta.url, 'claim-places.sql')
const selectRelayed = sql<{ position: string }>(import.meta.url, 'test-select-relayed.sql')

const TOPIC = 'notes.commands'
const topicIds = new Map([[TOPIC, '018f3e5a-0000-4000-8000-0000000000ff']])

type Request = { readonly records: readonly OutgoingRecord[] } & PromiseWithResolvers<void>

/** A relay whose requests wait for the test to answer them, in their order. */
const relayOf = (group: Notes) => {
  const waiting: Request[] = []
  const ended = Promise.withResolvers<void>()
  let come = Promise.withResolvers<void>()
  const relay = new Relay({
    db: group.db,
    outbox: group.log,
    topicIds: () => topicIds,
    write: (records) => {
      const request = { records, ...Promise.withResolvers<void>() }
      waiting.push(request)
      come.resolve()
      return Promise.race([request.promise, ended.promise])
    },
    log: telemetry.log,
    platform: fixedPlatform({ now: new Date() }),
  })
  relay.start()
  return {
    complaint: relay.complaint,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      ended.resolve()
      await relay[Symbol.asyncDispose]()
    },
    request: async (): Promise<Request> => {
      while (waiting.length === 0) await come.promise
      come = Promise.withResolvers()
      const [first] = waiting.splice(0, 1)
      assert.ok(first)
      return first
    },
  }
}

const say = (group: Notes, ...texts: readonly string[]): Promise<void> =>
  group.db.transaction(async (tx) => {
    group.send(
      tx,
      texts.map((text) => Note({ topic: 'a', text })),
    )
  })

/** Places of which something has been written down as sent. */
const relayed = async (group: Notes): Promise<number> =>
  (await group.db.query(selectRelayed)).filter(({ position }) => position !== '').length

const textsIn = ({ records }: Request): readonly string[] => records.map(({ value }) => JSON.parse(value ?? '').text)

const epochIn = ({ records: [first] }: Request): bigint => {
  const { relay } = Object(first?.headers)
  return BigInt(String(relay).split(':')[1] ?? '')
}

const timeout = 20_000

test('nothing is written down as sent before the brokers have confirmed it', { timeout }, async () => {
  await using group = await notes()
  await say(group, 'one', 'two')
  await using relay = relayOf(group)
  const first = await relay.request()
  assert.deepEqual(textsIn(first), ['one', 'two'])
  assert.equal(await relayed(group), 0)
  first.reject(new Error('the broker has died'))
  const again = await relay.request()
  assert.deepEqual(textsIn(again), ['one', 'two'])
  assert.equal(await relayed(group), 0)
  again.resolve()
  await say(group, 'three')
  const next = await relay.request()
  assert.deepEqual(textsIn(next), ['three'])
  assert.equal(await relayed(group), 1)
  next.resolve()
})

test(
  'a relay that has lost its partitions meanwhile writes nothing down, and claims them anew',
  { timeout },
  async () => {
    await using group = await notes()
    await say(group, 'one')
    await using relay = relayOf(group)
    const first = await relay.request()
    await group.db.query(claimPlaces, [[0, 1, 2, 3].map(() => TOPIC), [0, 1, 2, 3]])
    await say(group, 'two')
    first.resolve()
    const again = await relay.request()
    assert.deepEqual(textsIn(again), ['one', 'two'])
    assert.ok(epochIn(again) > epochIn(first) + 1n, `${epochIn(again)} after ${epochIn(first)}`)
    assert.equal(await relayed(group), 0)
    again.resolve()
  },
)

test('a message that is too large keeps back its own partition only', { timeout }, async () => {
  await using group = await notes()
  // Of two partitions.
  await group.db.transaction(async (tx) =>
    group.send(
      tx,
      ['a', 'b'].map((topic) => Note({ topic, text: topic })),
    ),
  )
  await using relay = relayOf(group)
  const first = await relay.request()
  const [large, small] = first.records
  assert.ok(large?.partition !== undefined && small !== undefined && large.partition !== small.partition)
  const place = { topic: large.topic, partition: large.partition }
  first.reject(new TooLarge(place, 'a message is too large', 'let it be larger', undefined))
  const next = await relay.request()
  assert.deepEqual(
    next.records.map(({ value }) => value),
    [small.value],
  )
  next.resolve()
  await say(group, 'behind it')
  await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'b', text: 'on' })]))
  const last = await relay.request()
  assert.ok(last.records.every(({ partition }) => partition === small.partition))
  assert.match(relay.complaint() ?? '', /too large/)
  last.resolve()
})

test('brokers that answer nothing do not hold up the end of a relay', { timeout }, async () => {
  await using group = await notes()
  await say(group, 'one')
  const begun = Promise.withResolvers<void>()
  const relay = new Relay({
    db: group.db,
    outbox: group.log,
    topicIds: () => topicIds,
    write: () => {
      begun.resolve()
      return new Promise(() => undefined)
    },
    log: telemetry.log,
    platform: fixedPlatform({ now: new Date() }),
  })
  relay.start()
  await begun.promise
  await relay[Symbol.asyncDispose]()
  assert.equal(await relayed(group), 0)
})
