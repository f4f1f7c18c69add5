import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoint } from '@kit/http/endpoint'
import { route } from '@kit/http/route'
import { job, worker } from '@kit/jobs/job'
import { command, event } from '@kit/message/message'
import { onBatch } from '@kit/messaging/consumer'
import type { Statement } from '@kit/postgres/statement'
import { implement, procedure } from '@kit/rpc/procedure'
import { defineService } from '@kit/service/service'
import Type from 'typebox'
import { slice } from './slice.ts'

const inline = <Row = never>(text: string): Statement<Row> => ({ name: text.slice(0, 60), text })

const Note = Type.Object({ id: Type.String(), text: Type.String() })
const TakeNote = command('notes.take-note.v1', 'id', Note)
const NoteTaken = event('notes.note-taken.v1', 'id', Type.Object({ id: Type.String(), length: Type.Integer() }))
const NotePrinted = event('notes.note-printed.v1', 'id', Type.Object({ id: Type.String() }))
const print = job('notes.print', 'id', Type.Object({ id: Type.String() }))
const Translate = procedure<{ text: string }, { text: string }>({
  service: 'test.Words',
  method: 'Translate',
  proto: new URL('file:///words.proto'),
})
const Count = procedure<object, { notes: number }>({
  service: 'test.Notes',
  method: 'Count',
  proto: new URL('file:///notes.proto'),
})

const insert = inline('insert into note (id, text) select * from unnest($1::text[], $2::text[]) on conflict do nothing')
const mark = inline('update note set printed = true where id = any ($1::text[])')
const select = inline<{ id: string; text: string; printed: boolean }>('select id, text, printed from note order by id')

/** A service with one of everything. `batches` is what its consumer was given. */
const notes = (batches: number[] = []) =>
  defineService({
    name: 'notes',
    config: Type.Object({ GREETING: Type.String({ default: 'hello' }) }),
    problems: {},
    migrations: [new URL('./test-migrations/', import.meta.url)],
    calls: [Translate],
    parts: ({ config, rpc, platform }) => ({
      consumers: [
        onBatch(TakeNote, async (taken, tx) => {
          batches.push(taken.length)
          if (taken.some(({ text }) => text === 'unspeakable')) throw new Error('I will not write this')
          await tx.query(insert, [taken.map(({ id }) => id), taken.map(({ text }) => text)])
          const later = new Date(platform.clock.now().getTime() + 3_600_000)
          return [
            ...taken.map(({ id, text }) => NoteTaken({ id, length: text.length })),
            ...taken.map(({ id }) => print({ id }, { dedupe: id, ...(id === 'late' ? { runAt: later } : {}) })),
          ]
        }),
      ],
      workers: [
        worker({
          job: print,
          concurrency: 2,
          perform: async () => undefined,
          finish: async (done, tx) => {
            const ids = done.map(({ data }) => data.id)
            await tx.query(mark, [ids])
            return ids.map((id) => NotePrinted({ id }))
          },
        }),
      ],
      routes: [
        route(
          endpoint({
            method: 'GET',
            path: '/api/v1/greeting',
            summary: 'Greets.',
            audience: 'account',
            query: Type.Object({ to: Type.String() }),
            answer: Type.Object({ text: Type.String(), caller: Type.String() }),
          }),
          async ({ query, caller }) => {
            const { text } = await rpc.call(Translate, { text: config.GREETING })
            return { text: `${text} ${query.to}`, caller: caller.id }
          },
        ),
      ],
      procedures: [implement(Count, async (_, { db }) => ({ notes: (await db.query(select)).length }))],
    }),
  })

test('messages are delivered twice at once and again later; what comes out is told once', async () => {
  const batches: number[] = []
  await using shop = await slice(notes(batches))
  const out = await shop.deliver(TakeNote({ id: 'a', text: 'one' }), TakeNote({ id: 'b', text: 'three' }))
  assert.equal(
    batches.reduce((sum, size) => sum + size),
    6,
  )
  assert.deepEqual(
    out.filter(({ type }) => type === NoteTaken.type).toSorted((one, two) => one.key.localeCompare(two.key)),
    [NoteTaken({ id: 'a', length: 3 }), NoteTaken({ id: 'b', length: 5 })],
  )
  assert.equal(out.filter(({ type }) => type === NotePrinted.type).length, 2)
  assert.deepEqual(await shop.db.query(select), [
    { id: 'a', text: 'one', printed: true },
    { id: 'b', text: 'three', printed: true },
  ])
  assert.deepEqual(await shop.published(), [], 'told already')
})

test('a job waits for its time until it is hurried', async () => {
  await using shop = await slice(notes())
  assert.deepEqual(await shop.deliver(TakeNote({ id: 'late', text: 'x' })), [NoteTaken({ id: 'late', length: 1 })])
  await shop.drain()
  assert.deepEqual(await shop.published(), [])
  await shop.hurry()
  await shop.drain()
  assert.deepEqual(await shop.published(), [NotePrinted({ id: 'late' })])
})

test('a message that cannot be handled fails the test, with its reason', async () => {
  await using shop = await slice(notes())
  await assert.rejects(
    shop.deliver(TakeNote({ id: 'a', text: 'unspeakable' })),
    /notes cannot handle notes\.take-note\.v1: .*I will not write this/,
  )
})

test('routes are called over HTTP, with real tokens, and neighbours are played by the test', async () => {
  const played = implement(Translate, async ({ text }) => ({ text: text.toUpperCase() }))
  await using shop = await slice(notes(), { config: { GREETING: 'ahoy' }, procedures: [played] })
  const path = '/api/v1/greeting?to=ada'
  const { status, body, headers } = await shop.request('GET', path, { as: { id: 'account-1' } })
  assert.deepEqual([status, body], [200, { text: 'AHOY ada', caller: 'account-1' }])
  assert.match(String(headers['content-type']), /^application\/json/)
  assert.equal((await shop.request('GET', path)).status, 401)
  assert.equal((await shop.request('GET', '/api/v1/greeting', { as: { id: 'account-1' } })).status, 400)
  const forged = await shop.request('GET', path, { headers: { authorization: 'Bearer e30.e30.e30' } })
  assert.equal(forged.status, 401)
  shop.platform.clock.advance(16 * 60_000)
  assert.equal((await shop.request('GET', path, { as: { id: 'account-1' } })).status, 200, 'a token of this moment')
})

test('a procedure of the service is called as its neighbours call it', async () => {
  await using shop = await slice(notes())
  await shop.deliver(TakeNote({ id: 'a', text: 'one' }))
  assert.deepEqual(await shop.call(Count, {}), { notes: 1 })
  await assert.rejects(shop.call(Translate, { text: 'x' }), /nobody answers test\.Words\/Translate/)
})

test('a service calls only what it declares', async () => {
  const silent = defineService({
    ...notes(),
    calls: [],
    parts: async ({ rpc }) => {
      await rpc.call(Translate, { text: 'x' })
      return {}
    },
  })
  await assert.rejects(slice(silent), /the service notes does not declare that it calls test\.Words\/Translate/)
})

test('two slices do not see each other', async () => {
  await using one = await slice(notes())
  await using two = await slice(notes())
  await one.deliver(TakeNote({ id: 'a', text: 'one' }))
  assert.deepEqual(await two.db.query(select), [])
  assert.deepEqual(await two.published(), [])
})
