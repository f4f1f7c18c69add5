import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRegistered } from '@argosy/contracts/messages/account'
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
  readonly data: readonly { readonly id: string; readonly to: string }[]
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
  const { data } = await list(shop, '?to=buyer2@shop.test')
  assert.deepEqual(
    data.map(({ to }) => to),
    ['buyer2@shop.test'],
  )
})

test('a letter is shown as HTML that can run nothing and reach nothing', async () => {
  await using shop = await slice(mail)
  await shop.deliver(account(1))
  const [message] = (await list(shop, '')).data
  const { status, headers, body } = await shop.request('GET', `/mailbox/${message?.id}/html`)
  assert.equal(status, 200)
  assert.match(String(headers['content-type']), /^text\/html/)
  assert.match(String(headers['content-security-policy']), /^sandbox; default-src 'none'/)
  assert.doesNotMatch(String(body), /<script/)
})

test('the mailbox has a page, and so has each message', async () => {
  await using shop = await slice(mail)
  await shop.deliver(account(1))
  const [message] = (await list(shop, '')).data
  for (const path of ['/mailbox', `/mailbox/${message?.id}`]) {
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
