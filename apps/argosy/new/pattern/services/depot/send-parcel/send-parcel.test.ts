import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from '@kit/postgres/statement'
import { slice } from '@kit/testing/slice'
import { ParcelSent } from '../../../contracts/messages/depot.ts'
import { depot } from '../service.ts'

const ada = { id: '01930000-0000-7000-8000-0000000000a1' }
const path = '/api/v1/depot/parcels'
const selectKept = sql<{ account_id: string; note: string }>(import.meta.url, 'test-select-kept.sql')

test('what is written is told', async () => {
  await using shop = await slice(depot)
  const { status, body } = await shop.request('POST', path, { as: ada, body: { note: 'with care' } })
  const { id } = (body as { parcel: { id: string } }).parcel
  assert.equal(status, 201)
  assert.deepEqual(await shop.db.query(selectKept), [{ account_id: ada.id, note: 'with care' }])
  assert.deepEqual(await shop.published(), [ParcelSent({ parcel_id: id, account_id: ada.id, note: 'with care' })])
})

test('what is refused leaves nothing and tells nothing', async () => {
  await using shop = await slice(depot)
  const empty = await shop.request('POST', path, { as: ada, body: { note: '' } })
  const nobody = await shop.request('POST', path, { body: { note: 'with care' } })
  assert.deepEqual([empty.status, nobody.status], [400, 401])
  assert.deepEqual([await shop.db.query(selectKept), await shop.published()], [[], []])
})
