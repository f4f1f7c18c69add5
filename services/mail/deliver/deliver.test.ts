import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRegistered } from '@argosy/contracts/messages/account'
import { SendVerificationCode } from '@argosy/contracts/messages/mail'
import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import { slice } from '@kit/testing/slice'
import { mail } from '../service.ts'

const ada = '01930000-0000-7000-8000-00000000000a'
const purchase = '01930000-0000-7000-8000-0000000000b1'
const registered = AccountRegistered({ account_id: ada, email: 'ada@shop.test', first_name: 'Ada', last_name: 'L' })
const lines = [{ product_id: '01930000-0000-7000-8000-0000000000c1', name: 'Lamp', price: 1250, quantity: 2 }]
const sale = { purchase_id: purchase, customer_id: ada, lines, amount: 2500, currency_code: 'USD' }

type Listed = { readonly data: readonly { readonly id: string; readonly to: string; readonly subject: string }[] }
type Shop = Awaited<ReturnType<typeof slice>>

const mailbox = async (shop: Shop, query = ''): Promise<Listed['data']> => {
  const { status, body } = await shop.request('GET', `/api/v1/mailbox${query}`)
  assert.equal(status, 200)
  return (body as Listed).data
}
const subjects = async (shop: Shop) => (await mailbox(shop)).map(({ subject }) => subject).toSorted()

test('a registration is welcomed once, however often it is told', async () => {
  await using shop = await slice(mail)
  await shop.deliver(registered)
  await shop.deliver(registered)
  assert.deepEqual(await subjects(shop), ['Welcome to Argosy'])
})

test('a purchase told twice gives one confirmation, to the address given at registration', async () => {
  await using shop = await slice(mail)
  await shop.deliver(registered)
  await shop.deliver(PurchaseCompleted(sale))
  const confirmations = (await mailbox(shop)).filter(({ subject }) => subject === 'Your Argosy purchase is confirmed')
  assert.deepEqual(
    confirmations.map(({ to }) => to),
    ['ada@shop.test'],
  )
})

test('a failed purchase is explained', async () => {
  await using shop = await slice(mail)
  await shop.deliver(registered)
  await shop.deliver(PurchaseFailed({ ...sale, outcome: 'refused', step: 'reserve stock', reason: 'out-of-stock' }))
  const [letter] = (await mailbox(shop)).filter(({ subject }) => subject === 'Your Argosy purchase did not go through')
  assert.ok(letter)
  const { body } = await shop.request('GET', `/api/v1/mailbox/${letter.id}`)
  assert.match((body as { message: { text: string } }).message.text, /one of the items has just sold out/)
})

test('a purchase whose customer is not known yet is told once the registration has come', async () => {
  await using shop = await slice(mail)
  await shop.deliver(PurchaseCompleted(sale))
  assert.deepEqual(await subjects(shop), [])
  await shop.deliver(registered)
  await shop.hurry()
  await shop.drain()
  assert.deepEqual(await subjects(shop), ['Welcome to Argosy', 'Your Argosy purchase is confirmed'])
})

test('a verification code is sent once per code, and not after it has expired', async () => {
  await using shop = await slice(mail)
  const code = (code_id: string, minutes: number) =>
    SendVerificationCode({
      account_id: ada,
      code_id,
      email: 'ada@shop.test',
      first_name: 'Ada',
      code: '123456',
      expires_at: new Date(shop.platform.clock.now().getTime() + minutes * 60_000).toISOString(),
    })
  await shop.deliver(code('01930000-0000-7000-8000-0000000000d1', 10), code('01930000-0000-7000-8000-0000000000d2', -1))
  assert.deepEqual(await subjects(shop), ['Your Argosy verification code'])
})

test('an address that could carry a header or a second recipient is never written to', async () => {
  await using shop = await slice(mail)
  const bad = ['ada@shop.test\r\nBcc: victim@shop.test', 'ada@shop.test,victim@shop.test', 'Ada <ada@shop.test>']
  await shop.deliver(
    ...bad.map((email, i) =>
      AccountRegistered({
        account_id: `01930000-0000-7000-8000-00000000000${i}`,
        email,
        first_name: 'A',
        last_name: '',
      }),
    ),
  )
  assert.deepEqual(await subjects(shop), [])
})
