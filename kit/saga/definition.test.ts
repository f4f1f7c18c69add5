import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeptBack } from '@kit/message/kept-back'
import { openMetrics } from '@kit/telemetry/metrics'
import { listOpenSagas, showSaga } from './watching/inspect.ts'
import { watchSagas } from './watching/metrics.ts'
import { agency, Arrived, pack, Packed, travel, tripId, tripOf, Unpackable } from './test-sagas.ts'
import type { Agency } from './test-sagas.ts'

const [one, two] = [tripId(1), tripId(2)]
const before = tripOf(1)
/** The next release has renamed a step. */
const renamed = [pack, { ...travel, name: 'fly' }]
const after = tripOf(2, [], renamed)

const makeDue = {
  name: 'make due',
  text: "update saga set created_at = now() - interval '1 day', deadline = now() - interval '1 s' where ended_at is null",
}
const standing = async ({ db }: Agency, id: string) => {
  const shown = await showSaga(db, id)
  return shown && [shown.status, shown.step, shown.history.length]
}

test('two releases side by side: each moves on what it has begun, and leaves what it does not know alone', async () => {
  await using shop = await agency()
  const [old, next] = [shop.instance(before), shop.instance(after)]
  await old.begin(one)
  await next.begin(two)
  // Past the step that both have, so that each stands where the other has none.
  await old.handle(Packed({ id: one }))
  await next.handle(Packed({ id: two }))
  await assert.rejects(next.handle(Arrived({ id: one })), KeptBack)
  await assert.rejects(old.handle(Arrived({ id: two })), {
    name: 'KeptBack',
    message: /the trip \S+2 was begun by definition 2 and is asking; this release finishes 1/,
  })
  assert.deepEqual(await standing(shop, one), ['asking', 'travel', 3])
  assert.deepEqual(await standing(shop, two), ['asking', 'fly', 3])
  await old.handle(Arrived({ id: one }))
  await next.handle(Arrived({ id: two }))
  assert.deepEqual(await standing(shop, one), ['completed', '', 5])
  assert.deepEqual(await standing(shop, two), ['completed', '', 5])
})

test('the sweep leaves them alone as well, and is not held up by many of them', async () => {
  await using shop = await agency()
  const [old, next] = [shop.instance(before), shop.instance(after)]
  await next.begin(...Array.from({ length: 600 }, (_, n) => tripId(100 + n)))
  await old.begin(one)
  await shop.db.query(makeDue)
  assert.equal(await old.sweep(), 1)
  assert.deepEqual(await standing(shop, tripId(100)), ['asking', 'pack', 1])
  assert.deepEqual(await standing(shop, one), ['asking', 'pack', 3])
  assert.equal(await next.sweep(), 500)
  assert.equal(await next.sweep(), 100)
})

test('a definition that declares it finishes what an earlier one has begun', async () => {
  await using shop = await agency()
  const next = shop.instance(tripOf(3, [1, 2]))
  await shop.instance(before).begin(one)
  await shop.instance(tripOf(2)).begin(two)
  await next.handle(Packed({ id: one }), Packed({ id: two }))
  await next.handle(Arrived({ id: one }), Arrived({ id: two }))
  assert.deepEqual(await standing(shop, one), ['completed', '', 5])
  assert.deepEqual(await standing(shop, two), ['completed', '', 5])
})

test('a step that the table has no more is kept back, whatever the version says', async () => {
  await using shop = await agency()
  const next = shop.instance(tripOf(1, [], renamed))
  await shop.instance(before).begin(one)
  await shop.instance(before).handle(Packed({ id: one }))
  await assert.rejects(next.handle(Arrived({ id: one })), KeptBack)
  await shop.db.query(makeDue)
  assert.equal(await next.sweep(), 0)
})

test('what has ended is not waited for: a late reply to it is passed over', async () => {
  await using shop = await agency()
  await shop.instance(after).begin(one)
  await shop.instance(after).handle(Unpackable({ id: one }))
  assert.deepEqual(await shop.instance(before).handle(Packed({ id: one })), [])
  assert.equal((await standing(shop, one))?.[0], 'refused')
})

// The statement of the last release before the column, as it was.
const insertAsBefore = {
  name: 'insert as before',
  text: `insert into saga (id, name, data, status, step, state, deadline)
    values ($1, 'trip', '{"id": "${one}"}', 'asking', 'pack', '{"phase": "asking", "step": "pack", "attempt": 3}', now())`,
}

test('what a release began that knew of no versions is version 1', async () => {
  await using shop = await agency()
  await shop.db.query(insertAsBefore, [one])
  await assert.rejects(shop.instance(tripOf(2)).handle(Packed({ id: one })), KeptBack)
  await shop.instance(tripOf(2, [1])).handle(Packed({ id: one }))
  assert.deepEqual(await standing(shop, one), ['asking', 'travel', 2])
})

test('operators see which definition open sagas have, and how many wait for another release', async () => {
  await using shop = await agency()
  await shop.instance(before).begin(one)
  await shop.instance(after).begin(two, tripId(3))
  const listed = await listOpenSagas(shop.db)
  assert.deepEqual(Object.fromEntries(listed.map(({ id, definition }) => [id, definition])), {
    [one]: 1,
    [two]: 2,
    [tripId(3)]: 2,
  })
  const metrics = openMetrics()
  watchSagas(before, shop.db, metrics)
  const text = await metrics.text()
  assert.match(text, /argosy_sagas_foreign\{saga="trip"\} 2/)
  assert.match(text, /argosy_sagas_open\{saga="trip",status="asking"\} 3/)
})
