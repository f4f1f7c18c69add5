import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { testServer } from '@kit/embedded-postgres/test-server'
import { scratchDatabase } from '@kit/migrations/template'
import { openSharedDatabase, type SharedDatabase } from './database.ts'
import type { Queryable, Transacting } from './queryable.ts'
import { inline, till as openTill } from './test-database.ts'

/** Two services, each with a table of the same name, on connections that they share. */
const two = async (max = 3): Promise<AsyncDisposable & { readonly shared: SharedDatabase }> => {
  const owned = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'argosy-two-'))
  writeFileSync(join(folder, '0001-note.sql'), 'create table note (text text not null)')
  const schemas = ['till', 'shelf'].map((name) => ({ name, folders: [pathToFileURL(`${folder}/`)] }))
  const { url } = owned.use(await scratchDatabase({ url: await testServer(), schemas }))
  rmSync(folder, { recursive: true })
  const shared = owned.use(openSharedDatabase({ url, max }))
  return { shared, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const insert = inline('insert into note values ($1)')
const notes = inline<{ text: string }>('select text from note order by text')
const who = inline<{ me: string }>('select current_user as me')
const fail = inline('select 1 / 0')

const textsOf = async (db: Queryable): Promise<readonly string[]> => (await db.query(notes)).map(({ text }) => text)

test('each service has its own role and its own schema, on the same connection', async () => {
  await using opened = await two(1)
  const [till, shelf] = [opened.shared.of('till'), opened.shared.of('shelf')]
  await till.transaction(async (tx) => void tx.query(insert, ['a']))
  await shelf.query(insert, ['b'])
  assert.deepEqual(await textsOf(till), ['a'])
  assert.deepEqual(await textsOf(shelf), ['b'])
  assert.deepEqual(await till.query(who), [{ me: 'argosy_till' }])
  assert.deepEqual(await shelf.query(who), [{ me: 'argosy_shelf' }])
  assert.equal(opened.shared.stats().open, 1)
})

test('what is done for another in one transaction is committed or undone with it', async () => {
  await using opened = await two()
  const [till, shelf] = [opened.shared.of('till'), opened.shared.of('shelf')]
  await till.transaction(async (tx) => {
    void tx.query(insert, ['a'])
    void tx.as('shelf').query(insert, ['b'])
    await tx.query(insert, ['c'])
  })
  await assert.rejects(
    till.transaction(async (tx) => {
      void tx.query(insert, ['d'])
      void tx.as('shelf').query(insert, ['e'])
      await tx.query(fail)
    }),
    { code: '22012' },
  )
  assert.deepEqual(await textsOf(till), ['a', 'c'])
  assert.deepEqual(await textsOf(shelf), ['b'])
})

test('after a savepoint that was undone everything runs as who it should', async () => {
  await using opened = await two()
  const [till, shelf] = [opened.shared.of('till'), opened.shared.of('shelf')]
  await till.transaction(async (tx) => {
    await tx.query(insert, ['a'])
    const other = tx.as('shelf')
    await assert.rejects(
      tx.savepoint(async () => {
        void other.query(insert, ['b'])
        await other.query(fail)
      }),
    )
    void tx.query(insert, ['c'])
    await tx.savepoint(async () => void other.query(insert, ['d']))
    await tx.query(insert, ['e'])
  })
  assert.deepEqual(await textsOf(till), ['a', 'c', 'e'])
  assert.deepEqual(await textsOf(shelf), ['d'])
})

test('the server refuses the table of another service, also in its transaction', async () => {
  await using opened = await two()
  const foreign = inline('select text from shelf.note')
  const till = opened.shared.of('till')
  await assert.rejects(till.query(foreign), { code: '42501' })
  await assert.rejects(
    till.transaction(async (tx) => {
      await tx.as('shelf').query(notes)
      await tx.query(foreign)
    }),
    { code: '42501' },
  )
})

test('one service cannot take all connections from the others', async () => {
  await using opened = await two(3)
  const [till, shelf] = [opened.shared.of('till'), opened.shared.of('shelf')]
  const end = Promise.withResolvers<void>()
  const held = Array.from({ length: 5 }, () =>
    till.transaction(async (tx) => {
      await tx.query(who)
      await end.promise
    }),
  )
  assert.deepEqual(await shelf.query(who), [{ me: 'argosy_shelf' }])
  assert.equal(till.stats().connections.waiting, 3)
  end.resolve()
  await Promise.all(held)
  assert.equal(till.stats().connections.waiting, 0)
})

test('a connection of one service alone is not for others', async () => {
  await using own = await openTill('create table note (text text)')
  await own.db.transaction(async (tx) => {
    assert.throws(() => tx.as('shelf'), /not shared/)
  })
})

test('after a lock that somebody keeps, work that can go round does not wait for it again, and other work does', async () => {
  await using opened = await two()
  const [till, shelf] = [opened.shared.of('till'), opened.shared.of('shelf')]
  const lock = inline('lock table note in exclusive mode')
  const end = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const held = till.transaction(async (tx) => {
    await tx.query(lock)
    locked.resolve()
    await end.promise
  })
  await locked.promise
  const tries = (how: Transacting) => till.transaction(async (tx) => void (await tx.query(insert, ['a'])), how)
  const patient = till.transaction(async (tx) => {
    void tx.query(inline("set local lock_timeout = '300ms'"))
    await tx.query(insert, ['b'])
  })
  await assert.rejects(patient, { code: '55P03' })
  const began = performance.now()
  await assert.rejects(tries({ goesRound: true }), { code: '55P03' })
  assert.ok(performance.now() - began < 3_000, 'it has waited as long as others do')
  const waiting = tries({})
  end.resolve()
  await Promise.all([held, waiting])
  assert.deepEqual(await textsOf(till), ['a'])
  assert.deepEqual(await textsOf(shelf), [])
})
