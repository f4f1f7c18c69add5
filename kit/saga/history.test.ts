import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agency, Arrived, Packed, tripId, tripOf } from './test-sagas.ts'
import type { Agency } from './test-sagas.ts'
import { entryOf, readHistory } from './state.ts'
import type { Line, What } from './state.ts'
import { showSaga } from './watching/inspect.ts'

const trip = tripOf(1)
const one = tripId(1)

const selectHistory = { name: 'select history', text: 'select history_of($1) as history' }
const selectKept = {
  name: 'select kept',
  text: `select octet_length(coalesce(history, '')) as row, (select count(*)::int from saga_history) as rows from saga where id = $1`,
}
const setHistory = { name: 'set history', text: 'update saga set history = $2 where id = $1' }
const makeDue = {
  name: 'make due',
  text: "update saga set created_at = now() - interval '1 day', deadline = now() - interval '1 s' where id = $1",
}

/** As the last release reads it, by the function in the database. */
const readAsBefore = async ({ db }: Agency, id = one): Promise<readonly Line[]> => {
  const [row] = await db.query<{ history: string }>(selectHistory, [id])
  return String(row?.history)
    .split('\n')
    .slice(0, -1)
    .flatMap((entry) => JSON.parse(entry))
}
const linesOf = (text: string): readonly Line[] =>
  readHistory(text).map(({ at, what, step, detail }) =>
    detail === undefined ? [at.getTime(), what, step] : [at.getTime(), what, step, detail],
  )

test('an entry is short: what is as in the line before is not said again', () => {
  const at = 1_795_819_202_896
  const entry = entryOf([
    [at, 'done', 'reserve stock'],
    [at, 'asked', 'place order'],
    [at + 2, 'done', 'place order'],
    [at + 2, 'ended', '', 'completed'],
  ])
  assert.equal(entry, String.raw`[1795819202896,"d reserve stock","a place order",2,"d","e \tcompleted"]`)
})

test('what was written is read, by this release and by the last one', async () => {
  await using shop = await agency()
  await shop.instance(trip).begin(one)
  const what: readonly What[] = [
    ...(['asked', 'done', 'refused', 'resting', 'called-off', 'timed-out', 'undo-asked', 'undone'] as const),
    ...(['ignored', 'retried', 'ended'] as const),
  ]
  const entries: readonly (readonly Line[])[] = [
    what.map((word, i) => [1_795_819_202_896 + i, word, i % 3 === 0 ? 'pack' : 'travel by train']),
    // Without a step, before one and behind one; and clocks of two machines.
    [
      [1_795_819_202_990, 'ignored', '', 'trip.over.v1'],
      [1_795_819_202_990, 'asked', 'pack', 'attempt 2'],
      [1_795_819_202_000, 'asked', ''],
    ],
    [[1_795_819_202_000, 'refused', 'a, b', 'said "no\\"\tand\n left: é 🚢']],
    [[0, 'retried', 'x']],
  ]
  const text = entries.map((lines) => `${entryOf(lines)}\n`).join('')
  assert.deepEqual(linesOf(text), entries.flat())
  await shop.db.query(setHistory, [one, text])
  assert.deepEqual(await readAsBefore(shop), entries.flat())
})

// The statements of the last release, as they were.
const insertAsBefore = {
  name: 'insert as before',
  text: `with born as (
       select *
         from unnest($2::uuid[], $3::json[], $4::text[], $5::text[], $6::json[], $7::json[], $8::int[])
           as d (id, data, status, step, state, entry, wait)),
     sagas as (
       insert into saga (id, name, data, status, step, state, deadline)
       select id, $1, data, status, step, state, now() + wait * interval '1 millisecond' from born)
insert into saga_history (saga_id, version, entry) select id, 1, entry from born`,
}
const saveAsBefore = {
  name: 'save as before',
  text: 'select save_sagas($1::uuid[], $2::int[], $3::text[], $4::text[], $5::json[], $6::json[], $7::int[])',
}
const asking = (step: string) => JSON.stringify({ phase: 'asking', step, attempt: 1 })

test('the last release and this one move on what the other has begun, and both read the whole story', async () => {
  await using shop = await agency()
  const instance = shop.instance(trip)
  const story: readonly Line[] = [
    [1, 'asked', 'pack'],
    [2, 'done', 'pack'],
    [2, 'asked', 'travel'],
  ]
  const begun = [['trip'], [[one], [{ id: one }], ['asking'], ['pack'], [asking('pack')]]].flat()
  await shop.db.query(insertAsBefore, [...begun, [JSON.stringify(story.slice(0, 1))], [10_000]])
  await instance.handle(Packed({ id: one }))
  const two = tripId(2)
  await instance.begin(two)
  const moved = [[two], [1], ['asking'], ['travel'], [asking('travel')], [JSON.stringify(story.slice(1))], [10_000]]
  await shop.db.query(saveAsBefore, moved)
  await shop.instance(trip).handle(Arrived({ id: one }), Arrived({ id: two }))
  for (const id of [one, two]) {
    const lines = (await readAsBefore(shop, id)).map(([, what, step]) => `${what} ${step}`.trim())
    assert.deepEqual(lines, ['asked pack', 'done pack', 'asked travel', 'done travel', 'ended'])
    const shown = (await showSaga(shop.db, id))?.history.map(({ what, step }) => `${what} ${step}`.trim())
    assert.deepEqual(shown, lines)
    assert.equal((await showSaga(shop.db, id))?.status, 'completed')
  }
})

test('a long history leaves the row, and is read in order all the same', async () => {
  await using shop = await agency()
  const instance = shop.instance(trip)
  await instance.begin(one)
  for (let i = 0; i < 60; i++) {
    await shop.db.query(makeDue, [one])
    assert.equal(await instance.sweep(), 1)
  }
  const [kept] = await shop.db.query<{ row: number; rows: number }>(selectKept, [one])
  assert.ok(kept !== undefined && kept.row <= 1_000 && kept.rows > 20, JSON.stringify(kept))
  const asked = Array.from({ length: 60 }, (_, i) => ['timed-out', `asked attempt ${i + 2}`]).flat()
  const history = (await showSaga(shop.db, one))?.history ?? []
  assert.deepEqual(
    history.map(({ what, detail }) => [what, detail].filter(Boolean).join(' ')),
    ['asked', ...asked],
  )
  assert.deepEqual(
    history.map(({ n }) => n),
    Array.from({ length: 121 }, (_, i) => i + 1),
  )
  assert.equal((await readAsBefore(shop)).length, 121)
})
