import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRegistered, AccountUpdated } from '@argosy/contracts/messages/account'
import { PurchaseCompleted } from '@argosy/contracts/messages/purchase'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { mail } from '../service.ts'

const ada = '01930000-0000-7000-8000-00000000000a'
const purchase_id = '01930000-0000-7000-8000-0000000000b1'
const lines = [{ product_id: '01930000-0000-7000-8000-0000000000c1', name: 'Lamp', price: 1250, quantity: 2 }]
const person = { account_id: ada, email: 'ada@shop.test', first_name: 'Ada', last_name: 'L' }
const bought = PurchaseCompleted({ purchase_id, customer_id: ada, lines, amount: 2500, currency_code: 'USD' })

const letters = async (shop: Slice): Promise<readonly (readonly [template: string, to: string])[]> => {
  const { body } = await shop.request('GET', '/api/v1/mailbox')
  return Object(body).data.map(({ template, to }: { template: string; to: string }) => [template, to])
}
const typesOf = (messages: readonly { readonly type: string }[]) => messages.map(({ type }) => type)

test('whoever was told of as an account gets the letters of purchases, and none for being told of', async () => {
  await using shop = await slice(mail)
  await shop.deliver(AccountUpdated({ ...person, verified: false }))
  assert.deepEqual(await letters(shop), [])
  await shop.deliver(bought)
  assert.deepEqual(await letters(shop), [['purchase-completed', 'ada@shop.test']])
})

test('who is told of again is not welcomed again, and written to at the address told last', async () => {
  await using shop = await slice(mail)
  await shop.deliver(AccountRegistered(person))
  await shop.deliver(AccountUpdated({ ...person, email: 'ada@new.test', verified: true }))
  await shop.deliver(bought)
  assert.deepEqual(Object.fromEntries(await letters(shop)), {
    welcome: 'ada@shop.test',
    'purchase-completed': 'ada@new.test',
  })
})

test('accounts are asked for when the log has dropped what told of them, not when it has dropped nothing', async () => {
  await using fresh = await slice(mail)
  await fresh.drain()
  assert.deepEqual(typesOf(await fresh.published()), [])
  await using late = await slice(mail)
  await late.db.query({ name: 'drop', text: 'update log.state set dropped_at = now()' })
  await late.drain()
  assert.deepEqual(
    (await late.published()).map(({ type, data }) => [type, Object(data).reader, Object(data).types]),
    [['account.tell-facts.v1', 'mail', [AccountUpdated.type]]],
  )
})
