// More purchases than the shop can see to, for some seconds: it says so, and whom it has accepted it does not let down.
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from './eventually.ts'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop, type Answer } from './fleet/shop.ts'
import { openBooks } from './laws/books.ts'
import { checkLaws } from './laws/check-laws.ts'

const SECONDS = 4
/** Customers who ask again as soon as they have an answer: more than may have a purchase under way. */
const CUSTOMERS = 60
const LIMITS = { PURCHASE_FLOOR: '20', PURCHASE_BACKLOG: '100ms' }

test('a shop that is asked for too much refuses at once, and completes all that it has accepted', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-overload-'))
  try {
    await using postgres = await startEmbedded({ dir: join(scratch, 'pg'), fsync: false })
    await using fleet = await FleetProcess.start({ dataDir: scratch, env: { DATABASE_URL: postgres.url, ...LIMITS } })
    await using books = await openBooks(postgres.url)
    const shop = new Shop(fleet.url)
    const buyer = await shop.person()
    const product = await shop.product(buyer, await shop.category(buyer), { inventory: 1_000_000 })
    const buy = (key: string): Promise<Answer> =>
      shop.buy(buyer, [[product, 1]], { headers: { 'idempotency-key': key } })

    const first = await buy('first')
    assert.equal(first.status, 201)
    const answers: Answer[] = []
    const repeats: Answer[] = []
    const until = performance.now() + SECONDS * 1000
    const customer = async (_: unknown, n: number): Promise<void> => {
      for (let turn = 0; performance.now() < until; turn++) answers.push(await buy(`${n}-${turn}`))
    }
    const repeating = async (): Promise<void> => {
      while (performance.now() < until) repeats.push(await buy('first'))
    }
    await Promise.all([repeating(), ...Array.from({ length: CUSTOMERS }, customer)])

    const accepted = answers.filter(({ status }) => status === 201)
    const refused = answers.filter(({ status }) => status !== 201)
    assert.ok(accepted.length > 20 && refused.length > 20, `${accepted.length} accepted, ${refused.length} refused`)
    for (const { status, headers, body } of refused) {
      assert.deepEqual([status, body.code], [503, 'busy'])
      assert.ok(Number(headers.get('retry-after')) >= 1)
    }
    assert.ok(repeats.length > 20)
    for (const { status, body } of repeats) assert.deepEqual([status, body], [201, first.body])

    await eventually('everything ends', async () => (await books.openSagas()) === 0)
    const last = await buy('last')
    assert.equal(last.status, 201, 'a shop with nothing to do is not busy')
    await eventually('the last one ends', async () => (await books.openSagas()) === 0)
    const ends = [...(await books.ends()).values()]
    assert.deepEqual(new Set(ends.map(({ status }) => status)), new Set(['completed']))
    assert.equal(ends.length, accepted.length + 2)
    const ids = [...accepted, first, last].map(({ body }) => String(body.purchase_id))
    assert.deepEqual(await checkLaws(books, ids, 0), [])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
