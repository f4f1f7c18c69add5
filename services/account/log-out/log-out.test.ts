import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { account } from '../service.ts'
import { problemOf, registered } from '../test-customer.ts'

test("a session that was logged out is not refreshed; another's session is not ended", async () => {
  await using shop = await slice(account)
  const ada = await registered(shop)
  const eve = await registered(shop, { email: 'eve@example.test' })
  const logOut = (id: string, session: string) =>
    shop.request('POST', '/api/v1/account/logout', { as: { id, session } })
  const refresh = (refresh_token: string) =>
    shop.request('POST', '/api/v1/account/refresh', { body: { refresh_token } })

  assert.equal((await logOut(eve.account.id, ada.session_id)).status, 200)
  assert.equal((await refresh(ada.refresh_token)).status, 200)

  for (const _ of ['once', 'again']) {
    const { status, body } = await logOut(ada.account.id, ada.session_id)
    assert.deepEqual([status, body], [200, { session_id: ada.session_id }])
  }
  assert.equal(problemOf(await refresh(ada.refresh_token)), 'refresh-token-refused')
  assert.equal((await refresh(eve.refresh_token)).status, 200)
})
