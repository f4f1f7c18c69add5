import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { account } from '../service.ts'
import { problemOf, registered } from '../test-customer.ts'

const PATHS = ['/api/v1/account/personal', '/api/v1/account/customer/personal']

test('the caller sees their account by GET and by a POST with an empty body', async () => {
  await using shop = await slice(account)
  const { account: shown } = await registered(shop)
  const as = { id: shown.id }
  for (const path of PATHS) {
    for (const method of ['GET', 'POST'] as const) {
      const headers = { 'content-type': 'application/json' }
      const { status, body } = await shop.request(method, path, { as, headers })
      assert.deepEqual([status, body], [200, { account: shown }])
    }
  }
})

test('without a token, or for an account that is gone, there is nothing to see', async () => {
  await using shop = await slice(account)
  for (const path of PATHS) {
    assert.equal(problemOf(await shop.request('GET', path)), 'unauthenticated')
    const as = { id: '01930000-0000-7000-8000-00000000000a' }
    assert.equal(problemOf(await shop.request('GET', path, { as })), 'unauthenticated')
  }
})

test('a refresh token is no access token', async () => {
  await using shop = await slice(account)
  const { refresh_token } = await registered(shop)
  const headers = { authorization: `Bearer ${refresh_token}` }
  assert.equal(problemOf(await shop.request('GET', PATHS[0] ?? '', { headers })), 'unauthenticated')
})
