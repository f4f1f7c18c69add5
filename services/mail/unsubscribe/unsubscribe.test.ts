import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRegistered } from '@argosy/contracts/messages/account'
import { PaymentReminded } from '@argosy/contracts/messages/order'
import { RefundIssued } from '@argosy/contracts/messages/payment'
import { slice } from '@kit/testing/slice'
import { accountOf, unsubscribeToken } from '../links.ts'
import { mail } from '../service.ts'

const ada = '01930000-0000-7000-8000-00000000000a'
const purchase_id = '01930000-0000-7000-8000-0000000000b1'
const registered = AccountRegistered({ account_id: ada, email: 'ada@shop.test', first_name: 'Ada', last_name: 'L' })
const sum = { purchase_id, customer_id: ada, amount: 500, currency_code: 'USD' }

type Shop = Awaited<ReturnType<typeof slice>>

const reminded = (shop: Shop, number: number) =>
  PaymentReminded({
    ...sum,
    number,
    lines: [],
    expires_at: new Date(shop.platform.clock.now().getTime() + 3_600_000).toISOString(),
  })

const templates = async (shop: Shop): Promise<readonly string[]> => {
  const { body } = await shop.request('GET', '/api/v1/mailbox')
  return (body as { data: { template: string }[] }).data.map(({ template }) => template).toSorted()
}

/** The path of the link that a mail of the shop carries. */
const linkIn = async (shop: Shop): Promise<string> => {
  const { body } = await shop.request('GET', '/api/v1/mailbox?template=payment-reminder')
  const [first] = (body as { data: { id: string }[] }).data
  const source = String((await shop.request('GET', `/mailbox/${first?.id}/source`)).body).replaceAll(/\n\s+/g, ' ')
  const url = /^List-Unsubscribe: <(.*)>$/m.exec(source)?.[1] ?? ''
  assert.match(source, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m)
  return new URL(url).pathname
}

for (const [type, body] of [
  ['application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
  [
    'multipart/form-data; boundary=x',
    '--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
  ],
] as const) {
  test(`one click in the mail program ends reminders and nothing else (${type})`, async () => {
    await using shop = await slice(mail)
    await shop.deliver(registered, reminded(shop, 1))
    const link = await linkIn(shop)
    const { status } = await shop.request('POST', link, { body, headers: { 'content-type': type } })
    assert.equal(status, 200)
    await shop.deliver(reminded(shop, 2), RefundIssued({ ...sum, refund_id: '01930000-0000-7000-8000-0000000000d1' }))
    assert.deepEqual(await templates(shop), ['payment-reminder', 'refund', 'welcome'])
  })
}

test('following the link changes nothing: it shows the button that does', async () => {
  await using shop = await slice(mail)
  await shop.deliver(registered, reminded(shop, 1))
  const link = await linkIn(shop)
  const { status, body, headers } = await shop.request('GET', link)
  assert.equal(status, 200)
  assert.ok(String(body).includes(`<form method="post" action="${link}">`))
  assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  await shop.deliver(reminded(shop, 2))
  assert.deepEqual(await templates(shop), ['payment-reminder', 'payment-reminder', 'welcome'])
})

test('a link that was not sealed here is refused, by either method', async () => {
  await using shop = await slice(mail)
  for (const token of [`${ada}.${'a'.repeat(43)}`, unsubscribeToken(ada, 'another secret')]) {
    for (const method of ['GET', 'POST'] as const) {
      const { status, body } = await shop.request(method, `/unsubscribe/${token}`)
      assert.deepEqual([status, (body as { code: string }).code], [404, 'link-not-valid'], `${method} ${token}`)
    }
  }
})

test('a link that was cut off is told so', async () => {
  await using shop = await slice(mail)
  for (const token of [ada, unsubscribeToken(ada, 'a secret').slice(0, -1), 'nonsense']) {
    const { status, body } = await shop.request('POST', `/unsubscribe/${token}`)
    assert.equal(status, 400)
    assert.match((body as { detail: string }).detail, /the whole end of the link in a mail/)
  }
})

test('no other route takes a form', async () => {
  await using shop = await slice(mail)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { status } = await shop.request('POST', '/api/v1/mailbox', { body: 'a=b', headers })
  assert.notEqual(status, 200)
})

test('a token names its account and no other', () => {
  const token = unsubscribeToken(ada, 'secret')
  assert.equal(accountOf(token, 'secret'), ada)
  assert.equal(accountOf(token.replace('0a.', '0b.'), 'secret'), undefined)
  assert.equal(accountOf(`${token}.x`, 'secret'), undefined)
  assert.equal(accountOf(token.slice(0, -1), 'secret'), undefined)
})
