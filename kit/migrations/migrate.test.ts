import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { openDatabase } from '@kit/postgres/database'
import type { OtherHistory } from './history.ts'
import { migrate } from './migrate.ts'
import { scratchDatabase } from './template.ts'
import { empty, scratch } from './test-scratch.ts'
import { inline } from '@kit/postgres/test-database'
import { testServer } from '@kit/embedded-postgres/test-server'

test('of two that start at once one migrates, and the other waits and finds nothing to do', async () => {
  using files = scratch()
  await using database = await empty()
  files.write('shop/migrations/0001-first.sql', 'create table first (id int); select pg_sleep(0.2)')
  files.write('shop/migrations/0002-second.sql', 'create table second (id int)')
  const both = { url: database.url, schemas: [{ name: 'shop', folders: [files.folder('shop/migrations')] }] }
  const applied = await Promise.all([migrate(both), migrate(both)])
  assert.deepEqual(new Set(applied.map((files) => files.length)), new Set([0, 2]))
  assert.deepEqual(await migrate(both), [])
  files.write('shop/migrations/0003-third.sql', 'create table third (id int)')
  assert.deepEqual(await migrate(both), [{ schema: 'shop', file: 'shop/migrations/0003-third.sql' }])
})

test('a failing file leaves nothing of itself behind, and keeps what came before', async () => {
  using files = scratch()
  await using database = await empty()
  files.write('shop/0001-good.sql', 'create table good (id int)')
  files.write('shop/0002-bad.sql', 'create table half (id int); create table nonsense (id nothing)')
  const options = { url: database.url, schemas: [{ name: 'shop', folders: [files.folder('shop')] }] }
  await assert.rejects(migrate(options), /0002-bad.sql of shop failed: type "nothing" does not exist/)
  files.write('shop/0002-bad.sql', 'create table half (id int)')
  assert.deepEqual(
    (await migrate(options)).map(({ file }) => file.replace(/.*\//, '')),
    ['0002-bad.sql'],
  )
})

test('a database of another history is refused in words for its owner, before anything is changed', async () => {
  using files = scratch()
  await using database = await empty()
  files.write('shop/0001-first.sql', 'create table first (id int)')
  files.write('till/0001-first.sql', 'create table first (id int)')
  files.write('till/0002-second.sql', 'create table second (id int)')
  const schemas = ['shop', 'till'].map((name) => ({ name, folders: [files.folder(name)] }))
  const options = { url: database.url, schemas }
  await migrate(options)
  files.write('till/0001-first.sql', 'create table first (id bigint)')
  files.write('shop/0002-second.sql', 'create table second (id int)')
  const refused = (reason: RegExp) =>
    assert.rejects(migrate(options), ({ message, fix }: OtherHistory) => {
      assert.match(message, /^the tables in this database were made by another version of Argosy/)
      assert.match(message, reason)
      assert.match(message, /Nothing was changed$/)
      assert.match(fix, /git checkout.*restore a backup.*argosy reset/)
      return true
    })
  await refused(/it has another \S+till\/0001-first\.sql than this version/)
  files.write('till/0001-first.sql', 'create table first (id int)')
  rmSync(new URL('0002-second.sql', files.folder('till')))
  files.write('till/0003-third.sql', 'create table third (id int)')
  await refused(/it has \S+till\/0002-second\.sql, which this version does not know/)
  files.write('till/0002-second.sql', 'create table second (id int)')
  assert.deepEqual(
    (await migrate(options)).map(({ file }) => file.replace(/.*\//, '')),
    ['0002-second.sql', '0003-third.sql'],
  )
})

test('what a later release has applied is left alone, and told', async () => {
  using files = scratch()
  await using database = await empty()
  files.write('shop/0001-first.sql', 'create table first (id int)')
  files.write('shop/0002-second.sql', 'create table second (id int)')
  const told: string[] = []
  const log = {
    warn: (fields: Readonly<Record<string, unknown>>, text: string) =>
      void told.push(`${text} ${String(fields['applied'])}`),
  }
  const options = { url: database.url, schemas: [{ name: 'shop', folders: [files.folder('shop')] }], log }
  await migrate(options)
  assert.deepEqual(told, [])
  rmSync(new URL('0002-second.sql', files.folder('shop')))
  assert.deepEqual(await migrate(options), [])
  assert.match(told.join(), /^a later release has upgraded this database; .* \S+shop\/0002-second\.sql$/)
})

test('files are named by number, each number once', async () => {
  using files = scratch()
  await using database = await empty()
  const options = { url: database.url, schemas: [{ name: 'shop', folders: [files.folder('shop')] }] }
  files.write('shop/first.sql', 'select 1')
  await assert.rejects(migrate(options), /a migration is named like 0001-orders.sql/)
  rmSync(new URL('first.sql', files.folder('shop')))
  files.write('shop/0001-a.sql', 'select 1')
  files.write('shop/0001-b.sql', 'select 1')
  await assert.rejects(migrate(options), /two migrations have the number 0001/)
})

test('a service reads and writes its own schema and what is shared with it, and nothing else', async () => {
  using files = scratch()
  await using database = await empty()
  files.write('own/0001-own.sql', 'create table thing (id int)')
  files.write('log/0001-log.sql', 'create table line (text text)')
  const own = [files.folder('own')]
  const log = { name: 'log', folders: [files.folder('log')], sharedWith: ['order', 'payment'] }
  // `order` is a word of SQL: schemas are quoted wherever they are named.
  const schemas = [
    log,
    { name: 'order', folders: own },
    { name: 'payment', folders: own },
    { name: 'bank', folders: own },
  ]
  await migrate({ url: database.url, schemas })
  await using order = openDatabase({ url: database.url, service: 'order' })
  await using bank = openDatabase({ url: database.url, service: 'bank' })
  const denied = { code: '42501' }
  await order.query(inline('insert into thing values (1)'))
  await order.query(inline(`insert into line values ('hello')`))
  assert.deepEqual(await order.query(inline('select text, current_user as user from line')), [
    { text: 'hello', user: 'argosy_order' },
  ])
  await assert.rejects(order.query(inline('select from payment.thing')), denied)
  await assert.rejects(order.query(inline('drop table log.line')), denied)
  await assert.rejects(order.query(inline('create table log.mine (id int)')), denied)
  await assert.rejects(bank.query(inline('select from log.line')), denied, 'a companion has no part in the log')
})

test('a scratch database has what the migrations make, and is gone afterwards', async () => {
  using files = scratch()
  files.write(`shop/0001-first.sql`, `create table first (id int); insert into first values (1)`)
  const options = { url: await testServer(), schemas: [{ name: 'shop', folders: [files.folder('shop')] }] }
  let url
  {
    const [one, two] = await Promise.all([scratchDatabase(options), scratchDatabase(options)])
    await using database = one
    await using other = two
    url = database.url
    assert.notEqual(url, other.url)
    await using shop = openDatabase({ url, service: 'shop' })
    await shop.query(inline('insert into first values (2)'))
    await using neighbour = openDatabase({ url: other.url, service: 'shop' })
    assert.deepEqual(await neighbour.query(inline('select id from first')), [{ id: 1 }])
  }
  await using late = openDatabase({ url, service: 'shop' })
  await assert.rejects(late.query(inline('select id from first')), { code: '3D000' })
})
