// Orders that are paid later, by card, by transfer, by both at once, or not at all: one charge at most, one end.
import { openBooks, type Books } from './laws/books.ts'
import { checkLaws } from './laws/check-laws.ts'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from './cluster/free-port.ts'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop, type Answer, type Person, type Product } from './fleet/shop.ts'

const SECRET = 'whsec_c3lzdGVtIHRlc3Qgc3lzdGVtIHRlc3Qgc3lz'
const ROUNDS = 30
const program = fileURLToPath(new URL('../apps/argosy/bin/argosy.js', import.meta.url))

type Delivery = { readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** The shop with somebody who buys, and something to buy. */
class Stage implements AsyncDisposable {
  readonly #owned: AsyncDisposableStack
  readonly shop: Shop
  readonly books: Books
  readonly ada: Person
  readonly jib: Product
  readonly accepted: string[] = []
  readonly #env: Readonly<Record<string, string>>

  private constructor(
    owned: AsyncDisposableStack,
    env: Readonly<Record<string, string>>,
    { shop, books, ada, jib }: { shop: Shop; books: Books; ada: Person; jib: Product },
  ) {
    this.#owned = owned
    this.#env = env
    this.shop = shop
    this.books = books
    this.ada = ada
    this.jib = jib
  }

  static async open(env: Readonly<Record<string, string>> = {}): Promise<Stage> {
    await using owned = new AsyncDisposableStack()
    const scratch = mkdtempSync(join(tmpdir(), 'argosy-pay-later-'))
    owned.defer(() => rmSync(scratch, { recursive: true, force: true }))
    const postgres = owned.use(await startEmbedded({ dir: join(scratch, 'pg'), fsync: false }))
    const settings = { DATABASE_URL: postgres.url, PAYMENT_WEBHOOK_SECRETS: SECRET, ...env }
    const fleet = owned.use(await FleetProcess.start({ dataDir: scratch, env: settings }))
    const books = owned.use(await openBooks(postgres.url))
    const shop = new Shop(fleet.url)
    const ada = await shop.person()
    const jib = await shop.product(ada, await shop.category(ada))
    return new Stage(owned.move(), settings, { shop, books, ada, jib })
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.shop.call(method, path, { token: this.ada.token, ...(body === undefined ? {} : { body }) })
  }

  /** Buys one to be paid later; resolves when it waits for its money. */
  async unpaid(): Promise<string> {
    const { status, body } = await this.shop.buy(this.ada, [[this.jib, 1]], { method: 'transfer' })
    assert.equal(status, 201, JSON.stringify(body))
    const { purchase_id } = body
    this.accepted.push(purchase_id)
    await eventually(async () => (await this.call('GET', `/api/v1/payments/${purchase_id}`)).body.status === 'pending')
    return purchase_id
  }

  /** The customer's bank sends the money; what the provider will tell of it. */
  async transfer(purchase_id: string): Promise<Delivery> {
    const { status, body } = await this.call('POST', '/api/v1/payments/sandbox/transfers', { purchase_id })
    assert.equal(status, 201, JSON.stringify(body))
    return body
  }

  /** The same from the command line, the telling included. */
  async transferByCommand(purchase_id: string, ...options: readonly string[]): Promise<string> {
    const words = ['sandbox', 'transfer', purchase_id, '--url', this.shop.url, ...options]
    const env = { ...process.env, ...this.#env }
    return (await promisify(execFile)(process.execPath, [program, ...words], { env })).stdout
  }

  post({ headers, body }: Delivery): Promise<Answer> {
    return this.shop.call('POST', '/api/v1/payments/webhooks/sandbox', { body, headers })
  }

  pay(id: string, card = '4242424242424242'): Promise<Answer> {
    return this.call('POST', `/api/v1/orders/${id}/pay`, { card })
  }

  cancel(id: string): Promise<Answer> {
    return this.call('POST', `/api/v1/orders/${id}/cancel`, {})
  }

  /** How it ended, once it has. */
  end(id: string): Promise<{ readonly status: string; readonly reason?: string }> {
    return this.shop.end(this.ada, id)
  }

  async orderStatus(id: string): Promise<string> {
    return (await this.call('GET', `/api/v1/orders/${id}`)).body.status
  }

  /** What has happened to an order, by name, oldest first. */
  async events(id: string): Promise<readonly string[]> {
    const { body } = await this.call('GET', `/api/v1/orders/${id}/history`)
    return body.events.map(({ type }: { type: string }) => type.split('.')[1])
  }

  /** Resolves when surplus money has gone back; what is wrong with the books then. */
  async violations(): Promise<readonly string[]> {
    let found: readonly string[] = []
    await eventually(async () => {
      found = await checkLaws(this.books, this.accepted, 0)
      return !found.some((line) => /is still held/.test(line))
    })
    return found
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync()
  }
}

test(
  'by card and by transfer, at once and in either order, thirty times: one charge',
  { timeout: 110_000 },
  async () => {
    await using stage = await Stage.open()
    const ways: readonly ((id: string, told: Delivery) => Promise<readonly Answer[]>)[] = [
      (id, told) => Promise.all([stage.pay(id), stage.post(told)]),
      async (id, told) => [await stage.pay(id), await stage.post(told)],
      async (id, told) => [await stage.post(told), await stage.pay(id)],
      (id, told) => Promise.all([stage.pay(id), stage.pay(id), stage.post(told), stage.pay(id)]),
      // Both errors first, then approved: the card's answer comes long after the transfer was taken.
      (id, told) => Promise.all([stage.pay(id, '4000000000000127'), stage.post(told)]),
    ]
    for (let round = 0; round < ROUNDS; round++) {
      const id = await stage.unpaid()
      const told = await stage.transfer(id)
      const answers = (await ways[round % ways.length]?.(id, told)) ?? []
      for (const { status, body } of answers) assert.equal(status, 202, JSON.stringify(body))
      assert.equal((await stage.end(id)).status, 'completed')
      assert.equal(await stage.orderStatus(id), 'completed')
      // Whatever comes after that changes nothing and gets the same answer.
      assert.equal((await stage.pay(id)).status, 202)
      assert.equal((await stage.post(told)).status, 409)
      assert.equal((await stage.cancel(id)).status, 409)
      assert.deepEqual(await stage.events(id), ['order-placed', 'order-paid', 'order-completed'])
    }
    assert.deepEqual(await stage.violations(), [])
  },
)

test('two cards at once, the bad one first or the good one: the order is paid, once', { timeout: 60_000 }, async () => {
  await using stage = await Stage.open()
  for (const cards of [
    ['4000000000000002', '4242424242424242'],
    ['4242424242424242', '4000000000000002'],
  ]) {
    const id = await stage.unpaid()
    for (const { status } of await Promise.all(cards.map((card) => stage.pay(id, card)))) assert.equal(status, 202)
    assert.equal((await stage.end(id)).status, 'completed')
    assert.equal(await stage.orderStatus(id), 'completed')
  }
  assert.deepEqual(await stage.violations(), [])
})

test('what costs nothing completes at once, although it was to be paid later', { timeout: 60_000 }, async () => {
  await using stage = await Stage.open()
  const { shop, ada } = stage
  const sample = await shop.product(ada, await shop.category(ada), { name: 'Sample', price: 0 })
  const { status, body } = await shop.buy(ada, [[sample, 1]], { method: 'transfer' })
  assert.equal(status, 201, JSON.stringify(body))
  stage.accepted.push(body.purchase_id)
  assert.equal((await stage.end(body.purchase_id)).status, 'completed')
  assert.equal(await stage.orderStatus(body.purchase_id), 'completed')
  assert.deepEqual(await stage.violations(), [])
})

test(
  'pay, cancel and expiry race: exactly one of them, and money for a cancelled order goes back',
  { timeout: 110_000 },
  async () => {
    await using stage = await Stage.open({ ORDER_EXPIRY: '2s', ORDER_REMINDERS: '[]' })
    const ends = new Map<string, number>()
    const races: readonly ((id: string, told: Delivery) => Promise<unknown>)[] = [
      (id, told) => Promise.all([stage.pay(id), stage.cancel(id), stage.post(told)]),
      (id, told) => Promise.all([stage.cancel(id), stage.post(told)]),
      async (id, told) => {
        await stage.cancel(id)
        await stage.post(told)
      },
      // The payment is ahead.
      async (id, told) => {
        await Promise.all([stage.pay(id), stage.post(told)])
        await eventually(async () => (await stage.orderStatus(id)) !== 'pending')
        await stage.cancel(id)
      },
      // Until it expires, and a little beyond.
      async (id, told) => {
        await eventually(async () => (await stage.orderStatus(id)) === 'cancelled')
        await Promise.all([stage.pay(id), stage.post(told)])
      },
      async (id, told) => {
        const { created_at } = (await stage.call('GET', `/api/v1/orders/${id}`)).body
        const due = new Date(created_at).getTime() + 2_000
        await eventually(async () => Date.now() >= due)
        await Promise.all([stage.pay(id), stage.cancel(id), stage.post(told)])
      },
    ]
    await Promise.all(
      Array.from({ length: ROUNDS }, async (_, round) => {
        const id = await stage.unpaid()
        const told = await stage.transfer(id)
        await races[round % races.length]?.(id, told)
        const { status, reason } = await stage.end(id)
        const { body: order } = await stage.call('GET', `/api/v1/orders/${id}`)
        assert.equal(order.status, status === 'completed' ? 'completed' : 'cancelled')
        assert.equal(reason, order.reason, 'the purchase says why as the order does')
        const how = `${status} ${reason ?? ''}`.trim()
        ends.set(how, (ends.get(how) ?? 0) + 1)
      }),
    )
    assert.deepEqual(await stage.violations(), [])
    for (const end of ['completed', 'cancelled'])
      assert.ok(
        [...ends.keys()].some((how) => how.startsWith(end)),
        JSON.stringify([...ends]),
      )
  },
)

test('webhooks that are forged, altered, old or replayed change nothing', { timeout: 110_000 }, async () => {
  await using stage = await Stage.open()
  const id = await stage.unpaid()
  const told = await stage.transfer(id)
  const seconds = Math.floor(Date.now() / 1_000)
  const bad: readonly Delivery[] = [
    resigned(told, { secret: 'whsec_Zm9yZ2VkIGZvcmdlZCBmb3JnZWQgZm9yZ2Vk' }),
    { ...told, body: told.body.replace('"amount":125', '"amount":124') },
    { ...told, body: `${told.body} ` },
    { ...told, headers: { ...told.headers, 'webhook-id': 'evt_other' } },
    resigned(told, { seconds: seconds - 301 }),
    resigned(told, { seconds: seconds + 360 }),
  ]
  for (const delivery of bad) assert.equal((await stage.post(delivery)).status, 403)
  assert.equal((await stage.call('GET', `/api/v1/payments/${id}`)).body.status, 'pending')
  assert.equal((await stage.post(told)).status, 202)
  assert.equal((await stage.post(told)).status, 409)
  // The provider has not heard the answer, and tells the same once more.
  assert.equal((await stage.post(resigned(told, { seconds: seconds + 30 }))).status, 202)
  assert.equal((await stage.end(id)).status, 'completed')
  assert.deepEqual(await stage.violations(), [])
})

test(
  'an order that was paid by transfer is refunded in two parts, each once, never more than was paid',
  { timeout: 110_000 },
  async () => {
    await using stage = await Stage.open()
    const id = await stage.unpaid()
    assert.match(await stage.transferByCommand(id), /answered 202/)
    assert.equal((await stage.end(id)).status, 'completed')
    const refund = (amount: number, key: string): Promise<Answer> =>
      stage.shop.call('POST', `/api/v1/orders/${id}/refund`, {
        token: stage.ada.token,
        body: { amount },
        headers: { 'idempotency-key': key },
      })
    const answers = await Promise.all([refund(100, 'a'), refund(100, 'a'), refund(25, 'b'), refund(100, 'a')])
    for (const { status, body } of answers) assert.equal(status, 201, JSON.stringify(body))
    assert.equal((await refund(1, 'c')).status, 422)
    await eventually(async () => (await stage.call('GET', `/api/v1/payments/${id}`)).body.status === 'refunded')
    await eventually(async () => (await stage.violations()).length === 0)
    assert.equal(await stage.orderStatus(id), 'refunded')
  },
)

test(
  'a transfer by command that the shop was not there to hear of is told again, not sent again',
  { timeout: 60_000 },
  async () => {
    await using stage = await Stage.open()
    const id = await stage.unpaid()
    const nobody = `http://127.0.0.1:${await freePort()}`
    const { stderr } = await stage.transferByCommand(id, '--url', nobody).then(
      () => assert.fail('nobody was there'),
      (error: unknown) => error as { readonly stderr: string },
    )
    const key = new RegExp(`argosy sandbox transfer ${id} --key (\\S+?);`).exec(stderr)?.[1]
    assert.ok(key !== undefined, stderr)
    assert.match(await stage.transferByCommand(id, '--key', key), /answered 202/)
    assert.equal((await stage.end(id)).status, 'completed')
    const [bought] = (await stage.books.cases()).filter((one) => one.id === id)
    assert.deepEqual(bought?.ledger.map(({ kind }) => kind).toSorted(), ['authorized', 'captured'])
  },
)

/** The same event signed by the rule of Standard Webhooks, at another time or with another secret. */
function resigned(
  { headers, body }: Delivery,
  { secret = SECRET, seconds = Math.floor(Date.now() / 1_000) }: { secret?: string; seconds?: number },
): Delivery {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${headers['webhook-id']}.${seconds}.${body}`).digest('base64')
  return {
    body,
    headers: { ...headers, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` },
  }
}

/** Asks until it is so; the test's time limit ends it when it never is. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}
