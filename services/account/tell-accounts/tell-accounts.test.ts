import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountUpdated } from '@argosy/contracts/messages/account'
import { lockedPages } from '@kit/testing/locked-page'
import { slice } from '@kit/testing/slice'
import { account } from '../service.ts'
import { codeSent, registered } from '../test-customer.ts'
import { accounts } from './facts.ts'

test('every account is told as it is now, and nothing of it that is secret', async () => {
  await using shop = await slice(account)
  const ada = await registered(shop, { email: 'ada@shop.test', first_name: 'Ada', last_name: 'L' })
  const code = await codeSent(shop)
  const as = { id: ada.account.id }
  assert.equal((await shop.request('POST', '/api/v1/account/verify', { as, body: { code } })).status, 200)
  const eve = await registered(shop, { email: 'eve@shop.test', first_name: 'Eve', last_name: 'M' })
  assert.deepEqual(await lockedPages(shop.db, accounts, { table: 'account', limit: 2 }), [
    [
      AccountUpdated({
        account_id: ada.account.id,
        email: 'ada@shop.test',
        first_name: 'Ada',
        last_name: 'L',
        verified: true,
      }),
      AccountUpdated({
        account_id: eve.account.id,
        email: 'eve@shop.test',
        first_name: 'Eve',
        last_name: 'M',
        verified: false,
      }),
    ],
    [],
  ])
})
