import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLog } from '@kit/telemetry/log'
import { agency, Arrived, Packed, tripId, tripOf } from '../test-sagas.ts'
import type { Agency, Instance } from '../test-sagas.ts'
import { Watchers } from './watchers.ts'
import type { Full, Limits, Watcher } from './watchers.ts'

const one = tripId(1)
const trip = tripOf(1)
const log = openLog({ level: 'silent' })

const watchersOf = (shop: Agency, { changes }: Instance, limits?: Limits) =>
  new Watchers({ db: shop.db, changes, log, ...(limits !== undefined && { limits }) })

const placeIn = (entered: Watcher | Full): Watcher => {
  if ('full' in entered) throw new Error(`no place: ${entered.full}`)
  return entered
}

/** One who watches until the end; what has been seen so far, and all of it. */
const watch = (watchers: Watchers, id = one, { seen = 0, signal = new AbortController().signal, version = 1 } = {}) => {
  const lines: string[] = []
  let told = Promise.withResolvers<void>()
  const follow = async (): Promise<readonly string[]> => {
    using place = placeIn(watchers.enter(id, version))
    for await (const { n, what, step } of place.lines(seen, signal)) {
      lines.push(`${n} ${what} ${step}`.trim())
      told.resolve()
      told = Promise.withResolvers()
    }
    return lines
  }
  const ended = follow()
  const until = async (count: number): Promise<void> => {
    while (lines.length < count) await told.promise
  }
  return { lines, ended, until }
}

const story = ['1 asked pack', '2 done pack', '3 asked travel', '4 done travel', '5 ended']

test(
  'a thousand who watch one saga cost as many reads as one, and are told the same',
  { timeout: 60_000 },
  async () => {
    const reads: number[] = []
    for (const many of [1, 1_000]) {
      await using shop = await agency()
      const instance = shop.instance(trip)
      await instance.begin(one)
      await using watchers = watchersOf(shop, instance)
      const before = shop.db.stats().statements
      const all = Array.from({ length: many }, () => watch(watchers))
      await Promise.all(all.map(({ until }) => until(1)))
      await instance.handle(Packed({ id: one }))
      await Promise.all(all.map(({ until }) => until(3)))
      await instance.handle(Arrived({ id: one }))
      for (const { ended } of all) assert.deepEqual(await ended, story)
      reads.push(shop.db.stats().statements - before)
    }
    const [alone = 0, crowd = 0] = reads
    // Three reads and what the replies cost; a poll or two where the machine was slow.
    assert.ok(crowd <= alone + 3, `${alone} statements for one watcher, ${crowd} for a thousand`)
  },
)

test('what another process changes is seen by one look for all, however many sagas are watched', async () => {
  await using shop = await agency()
  const [here, there] = [shop.instance(trip), shop.instance(trip)]
  const ids = Array.from({ length: 200 }, (_, n) => tripId(n + 1))
  await here.begin(...ids)
  await using watchers = watchersOf(shop, here)
  const all = ids.map((id) => watch(watchers, id))
  await Promise.all(all.map(({ until }) => until(1)))
  await there.handle(...ids.map((id) => Packed({ id })))
  const before = shop.db.stats().statements
  const began = performance.now()
  await Promise.all(all.map(({ until }) => until(3)))
  const polls = Math.ceil((performance.now() - began) / 2_000)
  // Looks for what has moved, and one read of it all.
  assert.ok(shop.db.stats().statements - before <= polls + 2, 'one statement per watcher')
  await there.handle(...ids.map((id) => Arrived({ id })))
  for (const { ended } of all) assert.deepEqual(await ended, story)
})

test('whoever comes later begins where it was, also when this process knows less than it does', async () => {
  await using shop = await agency()
  const [here, there] = [shop.instance(trip), shop.instance(trip)]
  await here.begin(one)
  await using watchers = watchersOf(shop, here)
  const first = watch(watchers)
  await first.until(1)
  await there.handle(Packed({ id: one }))
  const began = performance.now()
  const second = watch(watchers, one, { seen: 1, version: 2 })
  await second.until(2)
  assert.ok(performance.now() - began < 1_500, 'it did not wait for the next look')
  await here.handle(Arrived({ id: one }))
  assert.deepEqual(await second.ended, story.slice(1))
  assert.deepEqual(await first.ended, story)
})

test('there is a place for so many, and it is free again when one leaves', async () => {
  await using shop = await agency()
  const instance = shop.instance(trip)
  await instance.begin(one, tripId(2), tripId(3))
  await using watchers = watchersOf(shop, instance, { all: 3, each: 2 })
  const places = [watchers.enter(one, 1), watchers.enter(one, 1)].map(placeIn)
  assert.deepEqual(watchers.enter(one, 1), { full: 'each' })
  places.push(placeIn(watchers.enter(tripId(2), 1)))
  assert.deepEqual(watchers.enter(tripId(3), 1), { full: 'all' })
  const [first] = places
  first?.[Symbol.dispose]()
  first?.[Symbol.dispose]()
  placeIn(watchers.enter(one, 1))
  assert.deepEqual(watchers.enter(tripId(3), 1), { full: 'all' })
})

test('who leaves is told nothing more, and a saga that is none has no story', async () => {
  await using shop = await agency()
  const instance = shop.instance(trip)
  await instance.begin(one)
  await using watchers = watchersOf(shop, instance)
  const leave = new AbortController()
  const leaving = watch(watchers, one, { signal: leave.signal })
  await leaving.until(1)
  leave.abort()
  assert.deepEqual(await leaving.ended, story.slice(0, 1))
  assert.deepEqual(await watch(watchers, tripId(9)).ended, [])
})

test('a read that fails is repeated', async () => {
  await using shop = await agency()
  const instance = shop.instance(trip)
  await instance.begin(one)
  let failures = 2
  const db: Agency['db'] = {
    ...shop.db,
    query: (...asked) => (failures-- > 0 ? Promise.reject(new Error('away')) : shop.db.query(...asked)),
  }
  await using watchers = new Watchers({ db, changes: instance.changes, log })
  await watch(watchers).until(1)
})
