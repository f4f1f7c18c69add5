// A customer's way through the public API, by curl exactly as one types it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { eventually } from './eventually.ts'
import { FleetProcess } from './fleet/fleet-process.ts'

const run = promisify(execFile)
const scratch = mkdtempSync(join(tmpdir(), 'argosy-walk-'))
const owned = new AsyncDisposableStack()
owned.defer(() => rmSync(scratch, { recursive: true, force: true }))
let fleet: FleetProcess

before(async () => {
  fleet = owned.use(await FleetProcess.start({ dataDir: scratch, env: { LOG_LEVEL: 'debug' } }))
})
after(() => owned.disposeAsync())

test('who starts an empty shop is told how to make its first admin', () => {
  assert.match(fleet.log, /nobody is an admin .* Fix: npm run argosy -- admin create you@shop\.example$/m)
})

type Said = { readonly status: number; readonly body: any; readonly headers: string }

/** Runs curl with these arguments. */
const curl = async (path: string, ...args: readonly string[]): Promise<Said> => {
  const { stdout } = await run('curl', ['-s', '-i', '--max-time', '20', `${fleet.url}${path}`, ...args])
  const cut = stdout.indexOf('\r\n\r\n')
  const headers = stdout.slice(0, cut)
  const text = stdout.slice(cut + 4)
  const json = /content-type: [^\r]*json/i.test(headers)
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(headers)?.[1]), headers, body: json ? JSON.parse(text) : text }
}

const json = ['-H', 'Content-Type: application/json'] as const
const bearer = (token: string): readonly string[] => ['-H', `Authorization: Bearer ${token}`]
const isDate = (text: unknown): boolean => !Number.isNaN(Date.parse(String(text)))

const ada = {
  email: 'ada.lovelace@example.test',
  password: 'Analytical-Engine-1843',
  first_name: 'Ada María',
  last_name: 'O’Byrne Lovelace',
  address: '12 St. James’s Square, London',
  phone_number: '+442071234567',
}
let token = ''
let categoryId = ''
let productId = ''
let purchaseId = ''

const checkSession = ({ body }: Said): void => {
  assert.ok(body.access_token && body.refresh_token && body.session_id)
  const { id, active, updated_at, created_at, ...person } = body.account
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.equal(typeof active, 'boolean')
  assert.ok(isDate(updated_at) && isDate(created_at))
  const { password: _password, ...shown } = ada
  assert.deepEqual(person, shown)
}

test('register', async () => {
  const said = await curl('/api/v1/account/register', ...json, '--data-raw', JSON.stringify(ada))
  assert.ok(said.status === 200 || said.status === 201, String(said.status))
  checkSession(said)
})

test('a known e-mail is a conflict, told without SQL', async () => {
  const said = await curl('/api/v1/account/register', ...json, '--data-raw', JSON.stringify(ada))
  assert.equal(said.status, 409)
  assert.match(said.headers, /application\/problem\+json/)
  assert.doesNotMatch(JSON.stringify(said.body), /duplicate key|constraint|insert|relation/i)
})

test('the verification mail is sent', async () => {
  const sent = async (): Promise<boolean> => JSON.stringify((await curl('/api/v1/mailbox')).body).includes(ada.email)
  await eventually('the mail is in the mailbox', sent)
})

test('login answers as register does', async () => {
  const { email, password } = ada
  const said = await curl('/api/v1/account/login', ...json, '--data-raw', JSON.stringify({ email, password }))
  assert.equal(said.status, 200)
  checkSession(said)
  token = said.body.access_token
})

test('a wrong password and an unknown e-mail look the same', async () => {
  const login = (email: string): Promise<Said> =>
    curl('/api/v1/account/login', ...json, '--data-raw', JSON.stringify({ email, password: 'wrong-password-1' }))
  const [wrong, unknown] = [await login(ada.email), await login('nobody@example.test')]
  const shown = ({ status, body: { instance: _instance, trace_id: _trace, ...rest } }: Said): unknown => ({
    status,
    rest,
  })
  assert.equal(wrong.status, 401)
  assert.deepEqual(shown(wrong), shown(unknown))
})

test('personal, a POST with an empty JSON body', async () => {
  const said = await curl('/api/v1/account/customer/personal', ...json, ...bearer(token), '--data-raw', '')
  assert.equal(said.status, 200)
  assert.equal(said.body.account.email, ada.email)
  const got = await curl('/api/v1/account/customer/personal', ...bearer(token))
  assert.deepEqual(got.body, said.body)
})

test('create a category', async () => {
  const asked = { name: 'Chairs', description: 'To sit on' }
  const said = await curl('/api/v1/categories', ...json, ...bearer(token), '--data-raw', JSON.stringify(asked))
  assert.ok(said.status === 200 || said.status === 201, String(said.status))
  const { id, created_at, updated_at, ...rest } = said.body.category
  assert.deepEqual(rest, asked)
  assert.ok(isDate(created_at) && isDate(updated_at))
  assert.deepEqual(said.body.categoty, said.body.category)
  categoryId = id
})

test('create a product; the owner is the caller, whatever the body says', async () => {
  const asked = {
    category_id: categoryId,
    name: 'chair',
    description: 'Oak',
    brand_name: 'Thonet',
    price: 125,
    inventory: 1000,
  }
  const id_account = '00000000-0000-7000-8000-000000000000'
  const said = await curl(
    '/api/v1/products',
    ...json,
    ...bearer(token),
    '--data-raw',
    JSON.stringify({ ...asked, id_account }),
  )
  assert.ok(said.status === 200 || said.status === 201, String(said.status))
  for (const [name, value] of Object.entries(asked)) assert.equal(said.body.product[name], value, name)
  assert.notEqual(said.body.product.id_account, id_account)
  productId = said.body.product.id
})

test('buy at once; the answer is pending', async () => {
  const asked = { order_items: [{ product_id: productId, quantity: 2 }], payment: { currency_code: 'VND' } }
  const said = await curl('/api/v1/purchases', ...json, ...bearer(token), '--data-raw', JSON.stringify(asked))
  assert.ok(said.status >= 200 && said.status < 300, JSON.stringify(said.body))
  assert.equal(said.body.status, 'pending')
  assert.ok(isDate(said.body.timestamp))
  purchaseId = said.body.purchase_id
})

test('the result comes by GET', async () => {
  const state = async (): Promise<string> =>
    (await curl(`/api/v1/purchases/${purchaseId}`, ...bearer(token))).body.status
  await eventually('it has ended', async () => (await state()) !== 'pending')
  assert.equal(await state(), 'completed')
})

test('and by events, which end with the purchase', async () => {
  const said = await curl(`/api/v1/purchases/${purchaseId}/events`, ...bearer(token), '-N')
  assert.match(said.headers, /content-type: text\/event-stream/i)
  assert.match(said.body, /completed/)
})

test('Google is not configured, and the answer says how to', async () => {
  const said = await curl('/api/v1/account/google/login')
  assert.ok(said.status >= 400, String(said.status))
  assert.equal(said.body.code, 'provider-not-configured')
  assert.match(said.body.detail, /[A-Z]+_[A-Z_]+/, 'names the variables')
})

test('get the product, with its empty media lists', async () => {
  const said = await curl(`/api/v1/products/${productId}`)
  assert.equal(said.status, 200)
  assert.equal(said.body.product.id, productId)
  assert.equal(said.body.product.inventory, 998)
  assert.deepEqual(said.body.images, { url: [] })
  assert.deepEqual(said.body.videos, { url: [] })
})

test('update a part, by path and by body', async () => {
  const put = (path: string, body: unknown): Promise<Said> =>
    curl(path, '-X', 'PUT', ...json, ...bearer(token), '--data-raw', JSON.stringify(body))
  const byPath = await put(`/api/v1/products/${productId}`, { price: 150 })
  assert.equal(byPath.status, 200)
  assert.equal(byPath.body.product.price, 150)
  assert.equal(byPath.body.product.name, 'chair')
  const byBody = await put('/api/v1/products', { id: productId, name: 'Chair No. 14' })
  assert.equal(byBody.status, 200)
  assert.equal(byBody.body.product.name, 'Chair No. 14')
  assert.equal(byBody.body.product.price, 150)
})

test('check stock, by GET and POST', async () => {
  const ask = async (quantity: number): Promise<unknown> =>
    (await curl(`/api/v1/products/check?id=${productId}&quantity=${quantity}`)).body
  assert.deepEqual(await ask(998), { valid: true })
  assert.deepEqual(await ask(999), { valid: false })
  const posted = await curl(
    '/api/v1/products/check',
    ...json,
    '--data-raw',
    JSON.stringify({ id: productId, quantity: 5 }),
  )
  assert.deepEqual(posted.body, { valid: true })
})

test('the order and the payment have the id of the purchase', async () => {
  const order = (await curl(`/api/v1/orders/${purchaseId}`, ...bearer(token))).body
  const payment = (await curl(`/api/v1/payments/${purchaseId}`, ...bearer(token))).body
  const [line] = order.products
  // 125 cents at 25,400 dong to the dollar, the rate of the default table.
  const dong = 31_750
  assert.equal(order.id, purchaseId)
  assert.deepEqual([line.id, line.name, line.price, line.quantity], [productId, 'chair', dong, 2])
  assert.equal(order.status, 'completed')
  assert.equal(payment.id, purchaseId)
  assert.equal(payment.customer_id, order.customer_id)
  assert.equal(payment.amount, 2 * dong)
  assert.deepEqual([payment.currency_code, payment.currency], ['VND', 'VND'])
  assert.ok(isDate(payment.created_at))
})

test('nobody else sees them; theirs are like absent ones', async () => {
  const other = await curl(
    '/api/v1/account/register',
    ...json,
    '--data-raw',
    JSON.stringify({ ...ada, email: 'grace@example.test' }),
  )
  for (const path of ['orders', 'payments', 'purchases']) {
    const said = await curl(`/api/v1/${path}/${purchaseId}`, ...bearer(other.body.access_token))
    assert.equal(said.status, 404, path)
    assert.equal((await curl(`/api/v1/${path}/${purchaseId}`)).status, 401, path)
  }
})

test('1kpurchases.sh ends all of them and checks the books', { timeout: 110_000 }, async () => {
  const { stdout, stderr } = await run('./1kpurchases.sh', [fleet.url], { cwd: new URL('..', import.meta.url) })
  assert.match(`${stdout}${stderr}`, /1[,.]?000/)
  assert.match(stdout, /: 1000 completed,/)
  assert.match(stdout, /^checked +stock, orders and payments agree$/m)
})

test('none of this has put a password, a token or SQL into the log', () => {
  const { log } = fleet
  assert.ok(log.includes('/api/v1/purchases'), 'requests are logged at this level')
  for (const secret of [ada.password, 'wrong-password-1', token]) assert.equal(log.includes(secret), false)
  assert.doesNotMatch(log, /insert into|select .* from/i)
})
