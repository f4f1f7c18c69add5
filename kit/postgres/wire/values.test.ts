import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SCHEMA, ids, insert } from '../test-coins.ts'
import { inline, till } from '../test-database.ts'

test('a value that cannot be sent is the error of its own statement', async () => {
  await using shop = await till(SCHEMA, 1)
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  await assert.rejects(shop.db.query(insert, [circle, 'ada']), TypeError)
  await assert.rejects(
    shop.db.transaction(async (tx) => {
      void tx.query(insert, [1, 'ada'])
      void tx.query(insert, [circle, 'ada'])
    }),
    TypeError,
  )
  assert.deepEqual(await shop.db.query(ids), [])
})

test('a number that JavaScript cannot hold is an error, not a wrong number', async () => {
  await using shop = await till(SCHEMA)
  await assert.rejects(shop.db.query(inline(`select 9007199254740993::bigint as n`)), RangeError)
})

test('values come back as they are best used', async () => {
  await using shop = await till(SCHEMA)
  const [row] = await shop.db.query(
    inline(`select 1::bigint as big, '{1,2}'::bigint[] as bigs, '{}'::bigint[] as none, 1.10::numeric as exact,
                   '2026-01-02'::date as day, '2026-01-02T03:04:05Z'::timestamptz as at, '{"a":[1]}'::json as json,
                   '7'::xid8 as xid, null::int as nothing, true as yes`),
  )
  assert.deepEqual(row, {
    big: 1,
    bigs: [1, 2],
    none: [],
    exact: '1.10',
    day: '2026-01-02',
    at: new Date('2026-01-02T03:04:05Z'),
    json: { a: [1] },
    xid: '7',
    nothing: null,
    yes: true,
  })
})

test('parameters arrive as they were meant', async () => {
  await using shop = await till(SCHEMA)
  const at = new Date('2026-01-02T03:04:05.678Z')
  const texts = ['a"b', 'c\\d', '{e}', 'f,g', '', 'NULL', ' h ', 'ü€']
  const echo = inline(`select $1::text[] as texts, $2::timestamptz as at, $3::json as json, $4::bytea as bytes,
    $5::int[] as ints, $6::text as nothing, $7::timestamptz[] as ats, $8::bytea[] as chunks, $9::json[] as jsons`)
  const [row] = await shop.db.query(echo, [
    [...texts, null],
    at,
    { a: ["it's"] },
    Buffer.from([0, 255]),
    [1, null, -3],
    undefined,
    [at, null],
    [Buffer.from([0, 255])],
    [{ a: '"' }],
  ])
  assert.deepEqual(row, {
    texts: [...texts, null],
    at,
    json: { a: ["it's"] },
    bytes: Buffer.from([0, 255]),
    ints: [1, null, -3],
    nothing: null,
    ats: [at, null],
    chunks: [Buffer.from([0, 255])],
    jsons: [{ a: '"' }],
  })
})

test('arrays arrive the same at the first use, as text, and later, in binary', async () => {
  await using shop = await till(SCHEMA, 1)
  const echo = inline(`select $1::uuid[] as uuids, $2::timestamptz[] as ats, $3::json[] as jsons`)
  const id = '01930000-0000-7000-8000-00000000aBcD'
  const cases = [
    [
      [id, null],
      [new Date('1969-12-31T23:59:59.999Z'), null, new Date('2099-01-01T00:00:00.001Z')],
      [{ a: 'ü"\\' }, null],
    ],
    [[], [], []],
    [[id], [new Date('2000-01-01T00:00:00Z')], ['{"a": [1]}', { b: null }]],
  ]
  for (const [uuids = [], ats, jsons = []] of [...cases, ...cases]) {
    const [row] = await shop.db.query(echo, [uuids, ats, jsons])
    assert.deepEqual(row, {
      uuids: uuids.map((uuid) => (typeof uuid === 'string' ? uuid.toLowerCase() : uuid)),
      ats,
      jsons: jsons.map((json) => (typeof json === 'string' ? JSON.parse(json) : json)),
    })
  }
  const bad = '01930000-0000-7000-8000-00000000000g'
  await assert.rejects(shop.db.query(echo, [[bad], [], []]), { code: '22P02' })
  await assert.rejects(shop.db.query(echo, [['no uuid'], [], []]), { code: '22P02' })
  await assert.rejects(shop.db.query(echo, [[], ['no time'], []]), { code: '22007' })
  await assert.rejects(shop.db.query(echo, [[], [], ['no json']]), { code: '22P02' })
  assert.deepEqual(await shop.db.query(echo, [[], ['2026-01-01'], []]), [
    { uuids: [], ats: [new Date('2026-01-01T00:00:00Z')], jsons: [] },
  ])
})
