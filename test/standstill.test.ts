// Law 1: a purchase is never cancelled because the machinery stood still. Here a foreign lock stops the inventory for
// far longer than anybody is asked to wait for an answer; and beside it a provider that is silent, which is a reason of
// its own.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import pg from 'pg'
import { eventually } from './eventually.ts'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop } from './fleet/shop.ts'
import type { Person, Product } from './fleet/shop.ts'
import { openBooks } from './laws/books.ts'
import { checkLaws } from './laws/check-laws.ts'

const PURCHASES = 20
/** Two errors, then approved. */
const SILENT_CARD = '4000000000000127'

const makeDue = `update purchase.saga set created_at = created_at - interval '1 hour', deadline = now() - interval '1 s'
  where ended_at is null and deadline > now()`
const leastAsked = `select coalesce(min((state ->> 'attempt')::int), 0) as n from purchase.saga
  where ended_at is null and state ->> 'phase' = 'asking'`
const counted = `select count(*) filter (where status = 'asking')::int as asking, count(*)::int as n from purchase.saga`

const bought = async (shop: Shop, buyer: Person, product: Product, card?: string): Promise<string> => {
  const { status, body } = await shop.buy(buyer, [[product, 1]], card === undefined ? {} : { card })
  assert.equal(status, 201, JSON.stringify(body))
  return body.purchase_id
}

test('whatever stands still, however long, every purchase completes afterwards', { timeout: 110_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-standstill-'))
  try {
    await using postgres = await startEmbedded({ dir: join(scratch, 'pg'), fsync: false })
    const env = { DATABASE_URL: postgres.url, PAYMENT_PATIENCE: '100ms' }
    await using fleet = await FleetProcess.start({ dataDir: scratch, env })
    await using books = await openBooks(postgres.url)
    await using operator = await connected(postgres.url)
    const shop = new Shop(fleet.url)
    const buyer = await shop.person()
    const product = await shop.product(buyer, await shop.category(buyer))
    const accepted: string[] = []

    await operator.client.query('begin; lock table inventory.stock in share row exclusive mode')
    await using clock = await connected(postgres.url)
    for (let n = 0; n < PURCHASES; n++) accepted.push(await bought(shop, buyer, product))
    // Hours pass for the sagas; the sweep looks every second.
    await eventually('each was asked six times and more', async () => {
      await clock.client.query(makeDue)
      return Number((await clock.client.query(leastAsked)).rows[0].n) > 6
    })
    assert.deepEqual((await clock.client.query(counted)).rows, [{ asking: PURCHASES, n: PURCHASES }])
    // Its messages have stood still for more than five seconds by now, or soon.
    await eventually('readiness says that the inventory stands still', async () => {
      const { status, body } = await shop.call('GET', '/readyz')
      return status === 503 && body.reasons['messages inventory'] !== undefined
    })
    await operator.client.query('rollback')
    const ends = await Promise.all(accepted.map((id) => shop.end(buyer, id, 60_000)))
    assert.deepEqual([...new Set(ends.map(({ status }) => status))], ['completed'])

    const given = await bought(shop, buyer, product, SILENT_CARD)
    accepted.push(given)
    const { status, step, reason } = await shop.end(buyer, given, 30_000)
    assert.deepEqual([status, step, reason], ['cancelled', 'authorize payment', 'provider-silent'])
    const letters = async () => (await books.letters()).filter(({ purchase }) => purchase === given)
    await eventually('the cancellation is told', async () => (await letters()).length === 1)
    assert.deepEqual(
      (await letters()).map(({ template }) => template),
      ['purchase-cancelled'],
    )
    const { body: metrics } = await shop.call<string>('GET', '/metrics')
    for (const [outcome, count] of Object.entries({ completed: PURCHASES, cancelled: 1, refused: 0 }))
      assert.match(metrics, new RegExp(`^argosy_purchases_total\\{outcome="${outcome}"\\} ${count}$`, 'm'))
    assert.deepEqual(await checkLaws(books, accepted, 0), [])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

const connected = async (url: string): Promise<AsyncDisposable & { readonly client: pg.Client }> => {
  const client = new pg.Client({ connectionString: url, application_name: 'standstill test' })
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}
