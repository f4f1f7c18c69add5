// What no client should send: each gets a problem that names the field, and changes nothing.
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop, type Answer, type Person, type Product } from './fleet/shop.ts'

const scratch = mkdtempSync(join(tmpdir(), 'argosy-bad-'))
const owned = new AsyncDisposableStack()
owned.defer(() => rmSync(scratch, { recursive: true, force: true }))
let fleet: FleetProcess
let shop: Shop
let buyer: Person
let product: Product

before(async () => {
  fleet = owned.use(await FleetProcess.start({ dataDir: scratch }))
  shop = new Shop(fleet.url)
  const seller = await shop.person('Sam')
  buyer = await shop.person('Ada')
  product = await shop.product(seller, await shop.category(seller), { inventory: 50 })
})
after(() => owned.disposeAsync())

const buyRaw = (body: unknown, token = buyer.token, headers: Record<string, string> = {}): Promise<Answer> =>
  shop.call('POST', '/api/v1/purchases', { body, token, headers })

/** A 4xx problem document; with a pointer, one of its errors stands there. */
const assertProblem = (answer: Answer, pointer?: string): void => {
  const told = `${answer.status} ${JSON.stringify(answer.body)}`
  assert.ok(answer.status >= 400 && answer.status < 500, told)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, told)
  assert.equal(answer.body.status, answer.status)
  assert.equal(answer.body.type.endsWith(`/problems/${answer.body.code}`), true, told)
  assert.ok(answer.body.trace_id, told)
  if (pointer === undefined) return
  const pointers: string[] = (answer.body.errors ?? []).map((error: { pointer: string }) => error.pointer)
  assert.ok(
    pointers.some((at) => at === pointer || at.startsWith(`${pointer}/`)),
    `${pointer} is not named: ${told}`,
  )
}

const payment = { currency_code: 'USD' }
const line = (quantity: unknown): unknown => ({ order_items: [{ product_id: product.id, quantity }], payment })

describe('purchases that cannot be', () => {
  for (const quantity of [0, -1, 1.5, 2 ** 53, '3', null, true, {}, []]) {
    test(`quantity ${JSON.stringify(quantity)}`, async () => {
      assertProblem(await buyRaw(line(quantity)), '/order_items/0/quantity')
    })
  }
  for (const quantity of ['18446744073709551612', '1e309', '-1e309']) {
    test(`quantity ${quantity} as typed`, async () => {
      const body = JSON.stringify(line(0)).replace('"quantity":0', `"quantity":${quantity}`)
      assertProblem(await buyRaw(body), '/order_items/0/quantity')
    })
  }
  test('no lines', async () => assertProblem(await buyRaw({ order_items: [], payment }), '/order_items'))
  test('10,000 lines', async () => {
    const order_items = Array.from({ length: 10_000 }, () => ({ product_id: product.id, quantity: 1 }))
    assertProblem(await buyRaw({ order_items, payment }), '/order_items')
  })
  test('no payment', async () => {
    const { payment: _payment, ...rest } = line(1) as { payment: unknown }
    assertProblem(await buyRaw(rest), '/payment')
  })
  test('a currency that is none', async () => {
    assertProblem(
      await buyRaw({ ...(line(1) as object), payment: { currency_code: 'dollars' } }),
      '/payment/currency_code',
    )
  })
  test('a product id that is none', async () => {
    const order_items = [{ product_id: 'x', quantity: 1 }]
    assertProblem(await buyRaw({ order_items, payment }), '/order_items/0/product_id')
  })
  test('a product that does not exist', async () => {
    const order_items = [{ product_id: randomUUID(), quantity: 1 }]
    assertProblem(await buyRaw({ order_items, payment }), '/order_items/0/product_id')
  })
  test('an empty body', async () => assertProblem(await buyRaw(''), '/order_items'))
  test('a list instead of an object', async () => assertProblem(await buyRaw('[]')))
  test('broken JSON', async () => assertProblem(await buyRaw('{"order_items":[')))
  test('nested 10,000 deep', async () => assertProblem(await buyRaw(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)))
  test('__proto__', async () => {
    assertProblem(await buyRaw(JSON.stringify(line(1)).replace('{', '{"__proto__":{"quantity":1},')))
  })
  test('a body of 2 MB', async () => {
    assert.equal((await buyRaw(`{"order_items":"${'x'.repeat(2_000_000)}"}`)).status, 413)
  })
  test('another content type', async () => {
    assert.equal((await buyRaw('order_items=1', buyer.token, { 'content-type': 'text/csv' })).status, 415)
  })
})

describe('tokens that prove nothing', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = (): Record<string, unknown> =>
    JSON.parse(Buffer.from(buyer.token.split('.')[1] ?? '', 'base64url').toString())
  const header = (): Record<string, unknown> =>
    JSON.parse(Buffer.from(buyer.token.split('.')[0] ?? '', 'base64url').toString())
  const { privateKey } = generateKeyPairSync('ed25519')

  const forgeries: Readonly<Record<string, () => string>> = {
    none: () => '',
    'not a token': () => 'abc',
    'alg: none': () => `${part({ ...header(), alg: 'none' })}.${part(claims())}.`,
    'signed with HMAC over nothing secret': () => {
      const text = `${part({ ...header(), alg: 'HS256' })}.${part(claims())}`
      return `${text}.${createHmac('sha256', 'public').update(text).digest('base64url')}`
    },
    'signed with another key': () => {
      const text = `${part(header())}.${part({ ...claims(), roles: ['admin'] })}`
      return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
    },
    'claims changed after signing': () => {
      const [head, , signature] = buyer.token.split('.')
      return `${head}.${part({ ...claims(), roles: ['admin'] })}.${signature}`
    },
    'the refresh token as access token': () => buyer.refresh,
  }
  for (const [name, forge] of Object.entries(forgeries)) {
    test(name, async () => {
      const answer = await buyRaw(line(1), forge())
      assert.equal(answer.status, 401, JSON.stringify(answer.body))
      assertProblem(answer)
    })
  }
})

test("other people's purchases, orders and payments are like absent ones", async () => {
  const other = await shop.person('Eve')
  const { body } = await shop.buy(buyer, [[product, 1]])
  await shop.end(buyer, body.purchase_id)
  for (const path of ['purchases', 'orders', 'payments']) {
    const theirs = await shop.call('GET', `/api/v1/${path}/${body.purchase_id}`, { token: other.token })
    const absent = await shop.call('GET', `/api/v1/${path}/${randomUUID()}`, { token: other.token })
    const shown = ({ status, body: { code, title } }: Answer): unknown => ({ status, code, title })
    assert.deepEqual(shown(theirs), { ...(shown(absent) as object), status: 404 }, path)
  }
})

test('sorting and filtering take only what is listed: no SQL gets through', async () => {
  for (const query of [
    'sort=price;drop table product',
    "category_id=' or 1=1 --",
    'limit=1e9',
    'cursor=e30',
    'sort=-id,(select 1)',
  ]) {
    assertProblem(await shop.call('GET', `/api/v1/products?${encodeURI(query)}`))
  }
})

test('after all that, one purchase was made and one unit is gone', async () => {
  const stock = await shop.call('GET', `/api/v1/products/${product.id}`)
  assert.equal(stock.body.product.inventory, 49)
  const mine = await shop.call('GET', '/api/v1/purchases', { token: buyer.token })
  assert.equal(mine.body.data.length, 1)
})
