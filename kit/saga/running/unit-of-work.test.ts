import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tx } from '@kit/postgres/queryable'
import { agency, Arrived, Packed, tripId, tripOf, Unpackable } from '../test-sagas.ts'
import type { Agency, Instance } from '../test-sagas.ts'
import { listOpenSagas, showSaga } from '../watching/inspect.ts'

const trip = tripOf(1)
const one = tripId(1)
const packed = Packed({ id: one })
const arrived = Arrived({ id: one })

const selectWrites = {
  name: 'select writes',
  text: `select version, regexp_count(history, '\n') as entries from saga where id = $1`,
}
/** How often it was written, by its version and by its history. */
const writesOf = async ({ db }: Agency, id = one) => (await db.query(selectWrites, [id]))[0]

const storyOf = async ({ db }: Agency, id = one) => {
  const shown = await showSaga(db, id)
  return shown?.history.map(({ n, what, step }) => `${n} ${what} ${step}`.trim())
}

/** How often each saga is told of. */
const toldBy = ({ changes }: Instance): readonly string[] => {
  const told: string[] = []
  changes.listen((ids) => void told.push(...ids))
  return told
}

const whole = ['1 asked pack', '2 done pack', '3 asked travel', '4 done travel', '5 ended']

test('a saga that is moved by several calls of one transaction is written once, with all that happened', async () => {
  await using shop = await agency()
  const instance = shop.instance(trip)
  await instance.begin(one)
  const told = toldBy(instance)
  const before = shop.db.stats().statements
  await shop.db.transaction(async (tx) => {
    assert.deepEqual(
      (await instance.handleIn(tx, packed)).map(({ type }) => type),
      ['trip.travel.v1'],
    )
    assert.deepEqual(
      (await instance.handleIn(tx, arrived)).map(({ type }) => type),
      ['trip.over.v1'],
    )
    assert.deepEqual(told, [])
  })
  assert.equal(shop.db.stats().statements - before, 1)
  assert.deepEqual(await writesOf(shop), { version: 2, entries: 2 })
  assert.deepEqual(await storyOf(shop), whole)
  assert.deepEqual(told, [one])
})

test('one that is begun and moved on in the same transaction is inserted once, as it stands then', async () => {
  await using shop = await agency()
  const instance = shop.instance(trip)
  const [two, three] = [tripId(2), tripId(3)]
  const before = shop.db.stats().statements
  await shop.db.transaction(async (tx) => {
    instance.beginIn(tx, one, two, three)
    await instance.handleIn(tx, packed, Packed({ id: two }))
    await instance.handleIn(tx, arrived)
  })
  assert.equal(shop.db.stats().statements - before, 1)
  for (const id of [one, two, three]) assert.deepEqual(await writesOf(shop, id), { version: 1, entries: 1 })
  assert.deepEqual(await storyOf(shop), whole)
  const ended = await showSaga(shop.db, one)
  assert.ok(ended?.status === 'completed' && ended.ended_at !== null)
  const open = (await listOpenSagas(shop.db)).map(({ id, step }) => [id, step] as const)
  assert.deepEqual(Object.fromEntries(open), { [two]: 'travel', [three]: 'pack' })
  // Both are known by now: neither is read again, and neither was remembered wrongly.
  await instance.handle(Arrived({ id: two }), Packed({ id: three }))
  assert.deepEqual(await storyOf(shop, two), whole)
  assert.equal(shop.db.stats().conflicts, 0)
})

test('one that has changed elsewhere is found before the commit, and the transaction is repeated on what it is now', async () => {
  await using shop = await agency()
  const [here, there] = [shop.instance(trip), shop.instance(trip)]
  await here.begin(one)
  await there.handle(packed)
  const told = toldBy(here)
  let tries = 0
  await shop.db.transaction(async (tx) => {
    tries++
    await here.handleIn(tx, packed)
    await here.handleIn(tx, arrived)
  })
  assert.deepEqual([tries, shop.db.stats().conflicts], [2, 1])
  assert.deepEqual(await storyOf(shop), [...whole.slice(0, 3), '4 ignored travel', '5 done travel', '6 ended'])
  assert.deepEqual(await writesOf(shop), { version: 3, entries: 3 })
  assert.deepEqual(told, [one])
})

test('one that changes elsewhere after it was read is found as well', async () => {
  await using shop = await agency()
  const [here, there] = [shop.instance(trip), shop.instance(trip)]
  await there.begin(one)
  let tries = 0
  await shop.db.transaction(async (tx) => {
    await here.handleIn(tx, packed)
    if (tries++ === 0) await there.handle(Unpackable({ id: one }))
  })
  assert.equal(tries, 2)
  assert.deepEqual(await storyOf(shop), ['1 asked pack', '2 refused pack', '3 ended pack', '4 ignored'])
})

test('what cannot be written is an error of the savepoint that it was moved in', async () => {
  await using shop = await agency()
  const [here, there] = [shop.instance(trip), shop.instance(trip)]
  await here.begin(one)
  await there.handle(packed)
  await shop.db.transaction(async (tx) => {
    await assert.rejects(
      tx.savepoint(() => here.handleIn(tx, packed)),
      { code: '40001' },
    )
    await here.handleIn(tx, arrived)
  })
  assert.deepEqual(await storyOf(shop), whole)
})

const undone = new Error('undone')
type Call = () => unknown
/** The ways in which a call can be a part of its transaction, and whether what it does stays. */
const WAYS: readonly { readonly stays: boolean; readonly run: (tx: Tx, call: Call) => unknown }[] = [
  { stays: true, run: (_, call) => call() },
  { stays: true, run: (tx, call) => tx.savepoint(async () => call()) },
  { stays: false, run: (tx, call) => undo(tx, call) },
  { stays: false, run: (tx, call) => undo(tx, () => tx.savepoint(async () => call())) },
  { stays: true, run: (tx, call) => tx.savepoint(() => undo(tx, call).then(call)) },
]
const undo = (tx: Tx, call: Call): Promise<void> =>
  assert.rejects(
    tx.savepoint(async () => {
      await call()
      throw undone
    }),
    undone,
  )

test('savepoints: a saga is what it would be if what was undone had never been, whatever came before and after', async () => {
  await using shop = await agency()
  let n = 0
  const compared: Promise<void>[] = []
  const compare = async (begins: Array<(typeof WAYS)[number]>, ways: Array<(typeof WAYS)[number]>): Promise<void> => {
    const [instance, other] = [shop.instance(trip), shop.instance(trip)]
    const [id, plain] = [tripId(++n), tripId(++n)]
    const told = toldBy(instance)
    const replies = (to: string) => [Packed({ id: to }), Packed({ id: to }), Arrived({ id: to })]
    if (begins.length === 0) await instance.begin(id)
    await shop.db.transaction(async (tx) => {
      for (const way of begins) await way.run(tx, () => instance.beginIn(tx, id))
      for (const [i, reply] of replies(id).entries()) await ways[i]?.run(tx, () => instance.handleIn(tx, reply))
    })
    await other.begin(plain)
    const stay = replies(plain).filter((_, i) => ways[i]?.stays)
    for (const reply of stay) await other.handle(reply)
    // What is remembered of it is right as well: a wrong version would be a conflict.
    await instance.handle(Arrived({ id }))
    await other.handle(Arrived({ id: plain }))
    assert.deepEqual(await storyOf(shop, id), await storyOf(shop, plain))
    assert.equal((await showSaga(shop.db, id))?.status, (await showSaga(shop.db, plain))?.status)
    assert.deepEqual(told, stay.length > 0 ? [id, id] : [id])
  }
  const [asIs, released, gone] = WAYS
  assert.ok(asIs && released && gone)
  const beginnings = [[], [asIs], [released], [gone, asIs]]
  for (const begins of beginnings)
    for (const a of WAYS) for (const b of WAYS) for (const c of WAYS) compared.push(compare(begins, [a, b, c]))
  await Promise.all(compared)
  assert.equal(shop.db.stats().conflicts, 0)
})
