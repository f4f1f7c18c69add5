import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRegistered } from '@argosy/contracts/messages/account'
import { PurchaseCompleted } from '@argosy/contracts/messages/purchase'
import { slice } from '@kit/testing/slice'
import { mail } from '../service.ts'

const account = (n: number) =>
  AccountRegistered({
    account_id: `01930000-0000-7000-8000-00000000000${n}`,
    email: `buyer${n}@shop.test`,
    first_name: '<script>alert(1)</script>',
    last_name: '',
  })

type Page = {
  readonly data: readonly { readonly id: string; readonly to: string; readonly template: string }[]
  readonly page: { readonly next: string | null }
}
type Shop = Awaited<ReturnType<typeof slice>>
const list = async (shop: Shop, query: string): Promise<Page> =>
  (await shop.request('GET', `/api/v1/mailbox${query}`)).body as Page

test('the mailbox is paged by cursor, newest first, each message once', async () => {
  await using shop = await slice(mail)
  for (const n of [1, 2, 3]) await shop.deliver(account(n))
  const first = await list(shop, '?limit=2')
  const second = await list(shop, `?limit=2&cursor=${first.page.next}`)
  assert.deepEqual(
    first.data.map(({ to }) => to),
    ['buyer3@shop.test', 'buyer2@shop.test'],
  )
  assert.deepEqual(
    second.data.map(({ to }) => to),
    ['buyer1@shop.test'],
  )
  assert.equal(second.page.next, null)
})

test('the mailbox can be narrowed to one address', async () => {
  await using shop = await slice(mail)
  await shop.deliver(account(1), account(2))
  for (const to of ['buyer2@shop.test', '%20buyer2@shop.test%09']) {
    const { data } = await list(shop, `?to=${to}`)
    assert.deepEqual(
      data.map((one) => one.to),
      ['buyer2@shop.test'],
    )
  }
})

test('words are found whether they come and are stored with composed letters or not', async () => {
  await using shop = await slice(mail)
  await shop.deliver(account(1))
  const lines = [{ product_id: purchase_id, name: 'Cafe\u0301', price: 500, quantity: 1 }]
  await shop.deliver(PurchaseCompleted({ ...bought.data, lines }))
  for (const word of ['Caf\u00e9', 'Cafe\u0301'])
    assert.equal((await list(shop, `?q=${encodeURIComponent(word)}`)).data.length, 1, word)
})

const purchase_id = '01930000-0000-7000-8000-0000000000b1'
const bought = PurchaseCompleted({
  purchase_id,
  customer_id: '01930000-0000-7000-8000-000000000001',
  lines: [{ product_id: purchase_id, name: '100% linen_<b>sail</b>', price: 500, quantity: 1 }],
  amount: 500,
  currency_code: 'USD',
})

test('the mailbox can be searched: by kind, by what it is about, by words in address, subject or content', async () => {
  await using shop = await slice(mail)
  await shop.deliver(account(1), account(2))
  await shop.deliver(bought)
  const found = async (query: string) => (await list(shop, query)).data.map(({ template, to }) => `${template} ${to}`)
  const purchase = 'purchase-completed buyer1@shop.test'
  const welcomes = ['welcome buyer1@shop.test', 'welcome buyer2@shop.test']
  const finds: Readonly<Record<string, readonly string[]>> = {
    'template=welcome': welcomes,
    [`about=${purchase_id}`]: [purchase],
    'about=01930000-0000-7000-8000-000000000001': [purchase, welcomes[0] ?? ''],
    'q=BUYER2': [welcomes[1] ?? ''],
    'q=is confirmed': [purchase],
    'q=linen_': [purchase],
    'q=100%25': [purchase],
    'q=l_nen': [],
    'q=welcome&to=buyer2@shop.test': [welcomes[1] ?? ''],
    'q=%27 or 1=1 --': [],
    'template=nonsense': [],
  }
  for (const [query, messages] of Object.entries(finds)) {
    assert.deepEqual((await found(`?${query}`)).toSorted(), messages.toSorted(), query)
  }
  assert.equal((await shop.request('GET', '/api/v1/mailbox?about=nonsense')).status, 400)
})

test('a cursor belongs to its search', async () => {
  await using shop = await slice(mail)
  await shop.deliver(account(1), account(2))
  const { page } = await list(shop, '?limit=1&q=welcome')
  assert.ok(page.next)
  assert.equal((await list(shop, `?limit=1&q=welcome&cursor=${page.next}`)).data.length, 1)
  assert.equal((await shop.request('GET', `/api/v1/mailbox?q=other&cursor=${page.next}`)).status, 400)
})

test('a message is shown as HTML, as text and as its source, and leads to its purchase', async () => {
  await using shop = await slice(mail, { config: { STORE_URL: 'https://shop.test' } })
  await shop.deliver(account(1))
  await shop.deliver(bought)
  const { data } = await list(shop, '?template=purchase-completed')
  const at = `/mailbox/${data[0]?.id}`
  const view = async (name: string) => String((await shop.request('GET', `${at}?view=${name}`)).body)
  assert.match(await view('html'), new RegExp(`<iframe sandbox="[a-z -]+" src="${at}/html"`))
  assert.match(await view('text'), /<pre>Hello &lt;script&gt;[^]*1 x 100% linen_&lt;b&gt;sail/)
  assert.match(await view('source'), /<pre>[^]*Message-ID: &lt;purchase-completed\./)
  for (const name of ['html', 'text', 'source']) {
    const page = await view(name)
    assert.ok(page.includes(`href="https://shop.test/o/${purchase_id}"`))
    assert.doesNotMatch(page, /<script|<b>sail/)
  }
  const { status, headers, body } = await shop.request('GET', `${at}/source`)
  assert.equal(status, 200)
  assert.match(String(headers['content-type']), /^text\/plain/)
  assert.match(String(headers['content-security-policy']), /^sandbox allow-popups [^;]+; default-src 'none'/)
  assert.match(String(body), /^Subject: Your Argosy purchase is confirmed$/m)
})

test('an empty list says why and what to do', async () => {
  await using shop = await slice(mail)
  assert.match(String((await shop.request('GET', '/mailbox')).body), /No mail yet\. <a href="\/docs">/)
  assert.match(
    String((await shop.request('GET', '/mailbox?q=%3Cb%3E')).body),
    /No mail is like that\.[^]*Show all mail/,
  )
})

test('a letter is shown as HTML that can run nothing and reach nothing', async () => {
  await using shop = await slice(mail)
  await shop.deliver(account(1))
  const [message] = (await list(shop, '')).data
  const { status, headers, body } = await shop.request('GET', `/mailbox/${message?.id}/html`)
  assert.equal(status, 200)
  assert.match(String(headers['content-type']), /^text\/html/)
  const [sandbox] = String(headers['content-security-policy']).split(';')
  assert.equal(sandbox, 'sandbox allow-popups allow-popups-to-escape-sandbox')
  assert.match(String(headers['content-security-policy']), /; default-src 'none'/)
  assert.doesNotMatch(String(body), /<script/)
  assert.match(String(body), /<base target="_blank"/, 'a link opens beside the frame, where pages may be shown')
})

test('the mailbox has a page, and so has each message', async () => {
  await using shop = await slice(mail)
  await shop.deliver(account(1))
  const [message] = (await list(shop, '')).data
  for (const path of [
    '/mailbox',
    `/mailbox/${message?.id}`,
    '/mailbox?utm_source=x',
    `/mailbox/${message?.id}?ref=x`,
  ]) {
    const { status, body } = await shop.request('GET', path)
    assert.equal(status, 200)
    assert.match(String(body), /^<!doctype html>[^]*buyer1@shop\.test/)
  }
})

test('a message that is not there is a problem', async () => {
  await using shop = await slice(mail)
  const { status, body } = await shop.request('GET', '/api/v1/mailbox/01930000-0000-7000-8000-000000000009')
  assert.equal(status, 404)
  assert.equal((body as { code: string }).code, 'message-not-found')
})

test('in production, and when mail is really sent, there is no mailbox', async () => {
  for (const config of [{ NODE_ENV: 'production' }, { SMTP_URL: 'smtp://127.0.0.1:2525' }]) {
    await using shop = await slice(mail, { config })
    for (const path of ['/mailbox', '/api/v1/mailbox']) assert.equal((await shop.request('GET', path)).status, 404)
  }
})
