import assert from 'node:assert/strict'
import { test } from 'node:test'
import { till } from '../test-database.ts'
import { SCHEMA } from '../test-coins.ts'
import { openDescribing } from './describe.ts'

const [INT4, TEXT, INT8] = [23, 25, 20]

test('a statement is described and not run', async () => {
  await using coins = await till(SCHEMA)
  await using asked = openDescribing(coins.url, 'till')
  assert.deepEqual(await asked.describe('insert into coin (id, owner) values ($1, $2)'), {
    parameters: [INT4, TEXT],
    columns: [],
  })
  assert.deepEqual(await asked.describe('select count(*) as coins, max(owner) as last from coin'), {
    parameters: [],
    columns: [
      { name: 'coins', type: INT8 },
      { name: 'last', type: TEXT },
    ],
  })
})

test('what follows a refused statement is described as ever, over and over', async () => {
  await using coins = await till(SCHEMA)
  await using asked = openDescribing(coins.url, 'till')
  for (let round = 0; round < 200; round++) {
    await assert.rejects(asked.describe('select nothing from coin'), /column "nothing" does not exist/)
    assert.deepEqual(await asked.describe('select id from coin where owner = $1'), {
      parameters: [TEXT],
      columns: [{ name: 'id', type: INT4 }],
    })
  }
})
