// What people see of a running demo shop, asked as browsers ask. Registered where a shop runs anyway (argosy.test.ts).
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { demoPassword, people } from './demo/people.ts'

const run = promisify(execFile)
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

type Page = { readonly status: number; readonly headers: Headers; readonly text: string }

/** `at` gives the shop's address and a completed purchase of the demo's customer, once there are such. */
export const testPages = (at: () => { readonly url: string; readonly purchase: string }): void => {
  const visit = async (path: string, { headers, ...init }: RequestInit = {}): Promise<Page> => {
    const answer = await fetch(new URL(path, at().url), {
      redirect: 'manual',
      ...init,
      headers: { accept: BROWSER, ...Object(headers) },
    })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
  const send = (path: string, fields: Readonly<Record<string, string>>, headers = {}): Promise<Page> =>
    visit(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  const cookieOf = ({ headers }: Page): string => headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  const signIn = (id: string, email: string, headers = {}, password: string = demoPassword): Promise<Page> =>
    send(`/o/${id}/sign-in`, { email, password }, headers)

  const api = async (path: string, body?: object, token = ''): Promise<any> => {
    const answer = await fetch(new URL(path, at().url), {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    })
    return answer.json()
  }
  const buy = async (quantity: number, method: string): Promise<string> => {
    const { access_token } = await api('/api/v1/account/login', {
      email: people.customer.email,
      password: demoPassword,
    })
    const { data } = await api('/api/v1/products?limit=1')
    const order_items = [{ product_id: data[0].id, quantity }]
    const body = { order_items, payment: { currency_code: data[0].currency_code, method } }
    return (await api('/api/v1/purchases', body, access_token)).purchase_id
  }
  /** The page once it says so. Throws when it does not within 20 s. */
  const pageSaying = async (path: string, words: string, cookie = ''): Promise<string> => {
    const late = AbortSignal.timeout(20_000)
    for (;;) {
      const { text } = await visit(path, { headers: { cookie }, signal: late })
      if (text.includes(words)) return text
      await sleep(50, undefined, { signal: late })
    }
  }

  test('the first screen names who can sign in, and its three lines of curl buy something', async () => {
    const { text } = await visit('/')
    for (const { email } of Object.values(people)) {
      assert.ok(text.includes(`<code>${email}</code>`))
      assert.ok((await api('/api/v1/account/login', { email, password: demoPassword })).access_token, email)
    }
    assert.ok(text.includes(`<code>${demoPassword}</code>`))
    const lines = decoded(/<pre id="buy"[^>]*><code>([^]*?)<\/code>/.exec(text)?.[1] ?? '')
    assert.equal(lines.split('\n').filter((line) => line.includes('curl ')).length, 3)
    const { stdout } = await run('sh', ['-c', lines], { timeout: 20_000 })
    assert.match(stdout, /^event: completed$/m)
    const bought = decoded(/"product_id":"([^"]+)"/.exec(lines)?.[1] ?? '')
    const { product } = await api(`/api/v1/products/${bought}`)
    const after = await pageSaying('/', '<span class="state good">completed</span>')
    assert.ok(after.includes(`The last purchase of ${people.customer.email}: ${product.name} for`), after)
  })

  test('an order is shown to who has placed it and signs in, and to nobody else', async () => {
    const { purchase: id } = at()
    const asked = await visit(`/o/${id}`)
    assert.equal(asked.status, 200)
    assert.match(asked.text, /<input id="password"/)
    const absent = id.replace(/.{4}$/, '0000')
    assert.equal((await visit(`/o/${absent}`)).text, asked.text.replaceAll(id, absent), 'nobody learns which there are')
    const wrong = await signIn(id, people.customer.email, {}, 'wrong')
    assert.deepEqual([wrong.status, cookieOf(wrong)], [401, ''])
    assert.match(wrong.text, /role="alert"/)

    const signedIn = await signIn(id, people.customer.email)
    assert.deepEqual([signedIn.status, signedIn.headers.get('location')], [303, `/o/${id}`])
    assert.match(signedIn.headers.get('set-cookie') ?? '', /; Path=\/o; HttpOnly; SameSite=Lax; Max-Age=900$/)
    const cookie = cookieOf(signedIn)
    const { status, text } = await visit(`/o/${id}`, { headers: { cookie } })
    assert.equal(status, 200)
    assert.match(text, /<p class="state good">Complete<\/p>[^]*Oak dining table[^]*\$489\.00[^]*Total[^]*\$558\.00/)
    const stranger = cookieOf(await signIn(id, people.seller.email))
    const foreign = await visit(`/o/${id}`, { headers: { cookie: stranger } })
    assert.equal(foreign.status, 404)
    assert.doesNotMatch(foreign.text, /Oak|\$/)
    assert.equal((await send(`/o/${id}/sign-out`, {}, { cookie })).status, 303)
  })

  test('an order is paid and cancelled on its page, by forms of that page alone', async () => {
    const [paid, cancelled] = [await buy(1, 'transfer'), await buy(1, 'transfer')]
    const cookie = cookieOf(await signIn(paid, people.customer.email))
    const waiting = await pageSaying(`/o/${paid}`, 'Waits for your payment', cookie)
    assert.match(waiting, /<button>Pay \$/)
    const pay = (card: string, headers = {}): Promise<Page> => send(`/o/${paid}/pay`, { card }, { cookie, ...headers })
    for (const elsewhere of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      assert.equal((await pay('4242424242424242', elsewhere)).status, 403, JSON.stringify(elsewhere))
      assert.equal((await signIn(paid, people.customer.email, elsewhere)).status, 403)
    }
    const mistyped = await pay('4242')
    assert.match(mistyped.text, /role="alert"><p>A card number has 12 to 19 digits\.</)
    for (const asked of ['cancel', 'constructor', '__proto__', 'pay&asked=cancel']) {
      const page = await visit(`/o/${paid}?asked=${asked}`, { headers: { cookie } })
      assert.equal(page.status, 200, asked)
      assert.doesNotMatch(page.text, /role="status"/, 'nothing is said to be done that is not')
    }
    const unknown = await pay('4111 1111 1111 1111')
    assert.equal(unknown.status, 422)
    assert.match(unknown.text, /role="alert"[^]*does not know this card[^]*Waits for your payment/)
    const { headers } = await pay('4242 4242 4242 4242', { 'sec-fetch-site': 'same-origin' })
    assert.match((await visit(headers.get('location') ?? '', { headers: { cookie } })).text, /role="status"/)
    await pageSaying(`/o/${paid}`, '>Complete</p>', cookie)

    await pageSaying(`/o/${cancelled}`, 'Waits for your payment', cookie)
    assert.equal((await send(`/o/${cancelled}/cancel`, {}, { cookie, origin: at().url })).status, 303)
    assert.match(await pageSaying(`/o/${cancelled}`, '>Cancelled</p>', cookie), /cancelled by customer/)
  })

  test('a purchase that has led to no order has a page that says why', async () => {
    const id = await buy(1_000_000, 'card')
    const cookie = cookieOf(await signIn(id, people.customer.email))
    assert.match(await pageSaying(`/o/${id}`, '>Did not go through</p>', cookie), /out of stock/)
  })

  test('links in mail, and those of a sign-in with a provider, lead to where the shop listens', async () => {
    const { url, purchase } = at()
    const { detail } = await api('/api/v1/account/google/login')
    assert.ok(detail.includes(`http://localhost:${new URL(url).port}/api/v1/account/google/callback`), detail)
    const { data } = await api(`/api/v1/mailbox?about=${purchase}`)
    const { message } = await api(`/api/v1/mailbox/${data[0].id}`)
    assert.ok(message.text.includes(`${url}/o/${purchase}`), message.text)
    assert.ok(message.html.includes(`href="${url}/o/${purchase}"`))
  })
}

const decoded = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
