import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openClient } from './connection/client.ts'
import { openDatabase } from './database.ts'
import { openSession } from './session.ts'
import { inline, till } from './test-database.ts'

/** What somebody may have set for the database and for the user who signs in, for reasons of their own. */
const OTHERS = {
  DateStyle: 'German, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'Asia/Kathmandu',
  array_nulls: 'off',
  bytea_output: 'escape',
  standard_conforming_strings: 'off',
  extra_float_digits: '-15',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  default_transaction_isolation: 'serializable',
  idle_session_timeout: '90s',
} as const

const schema = `
  create table thing (id int primary key, at timestamptz, day date, took interval, part float8, bytes bytea, names text[], said text)`

/** Whatever the defaults are, a row comes back as it was written. */
const row = {
  at: new Date('2026-03-04T05:06:07.089Z'),
  day: '2026-03-04',
  part: 0.1 + 0.2,
  bytes: Buffer.from([0, 92, 200]),
  names: ['NULL', null, 'a\\b'],
}

test('defaults of the database and of the user do not change what is written and read', async () => {
  await using shop = await till(schema)
  {
    await using admin = await openClient({ url: shop.url, name: 'admin' })
    const { rows } = await admin.query<{ db: string; who: string }>(
      'select current_database() as db, current_user as who',
    )
    const [at] = rows
    for (const [name, value] of Object.entries(OTHERS)) {
      await admin.query(`alter database "${at?.db}" set ${name} = '${value}'`)
      await admin.query(`alter role "${at?.who}" in database "${at?.db}" set ${name} = '${value}'`)
    }
  }
  await using db = openDatabase({ url: shop.url, service: 'till' })
  const insert = inline(
    `insert into thing values (1, $1, $2, '1 day 02:03:04', $3, $4, $5, 'a\\b') returning at, day, part, bytes, names, said`,
  )
  const written = await db.query(insert, [row.at, row.day, row.part, row.bytes, row.names])
  assert.deepEqual(written, [{ ...row, said: 'a\\b' }])
  const read = inline(`select day::text, took::text, at::date::text as utc_day, format('%I', 'id') as name,
    (select count(*)::int from thing where said = null) as nulls, '2/3/2026'::date::text as third_of_february from thing`)
  assert.deepEqual(await db.query(read), [
    {
      day: '2026-03-04',
      took: '1 day 02:03:04',
      utc_day: '2026-03-04',
      name: 'id',
      nulls: 0,
      third_of_february: '2026-02-03',
    },
  ])
})

test('every kind of connection has the same settings', async () => {
  await using shop = await till(schema)
  await using plain = await openClient({ url: shop.url, name: 'admin' })
  const { rows: dbs } = await plain.query<{ db: string }>('select current_database() as db')
  for (const [name, value] of Object.entries(OTHERS))
    await plain.query(`alter database "${dbs[0]?.db}" set ${name} = '${value}'`)
  const names = Object.keys(OTHERS).map((name) => name.toLowerCase())
  const text = `select name, setting from pg_settings where lower(name) = any ($1) order by 1`
  await using db = openDatabase({ url: shop.url, service: 'till' })
  await using session = await openSession(shop.url)
  await using client = await openClient({ url: shop.url, name: 'admin' })
  const seen = [
    await db.query(inline(text), [names]),
    await session.query(text, [names]),
    (await client.query(text, [names])).rows,
  ]
  assert.equal(seen[0]?.length, names.length)
  assert.deepEqual(seen[1], seen[0])
  assert.deepEqual(seen[2], seen[0])
  assert.deepEqual(
    seen[0]?.find((one) => Object(one).name === 'default_transaction_isolation'),
    { name: 'default_transaction_isolation', setting: 'read committed' },
  )
})
