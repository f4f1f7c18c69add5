// The rush for the last units: 200 buyers for a stock of ten, fifty times.
import { openBooks, type Books } from './laws/books.ts'
import { checkLaws } from './laws/check-laws.ts'
import type { Case } from './laws/laws.ts'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop, type Person } from './fleet/shop.ts'

const ROUNDS = 50
const BUYERS = 200
const STOCK = 10
/** Accounts that the buyers share: a password is costly to hash, and does not matter here. */
const ACCOUNTS = 8

const untilAllHaveEnded = async (books: Books): Promise<void> => {
  while ((await books.openSagas()) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('exactly ten are sold, and who comes too late is refused and not charged', { timeout: 110_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-last-unit-'))
  try {
    await using postgres = await startEmbedded({ dir: join(scratch, 'pg'), fsync: false })
    await using fleet = await FleetProcess.start({ dataDir: scratch, env: { DATABASE_URL: postgres.url } })
    await using books = await openBooks(postgres.url)
    const shop = new Shop(fleet.url)
    const accounts: Person[] = []
    for (let n = 0; n < ACCOUNTS; n++) accounts.push(await shop.person())
    const [seller] = accounts
    assert.ok(seller !== undefined)
    const category = await shop.category(seller)
    const accepted: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const product = await shop.product(seller, category, { inventory: STOCK })
      const asked = Array.from({ length: BUYERS }, (_, n) => shop.buy(accounts[n % ACCOUNTS] ?? seller, [[product, 1]]))
      for (const { status, body } of await Promise.all(asked)) {
        assert.ok(status < 300, `${status} ${JSON.stringify(body)}`)
        accepted.push(body.purchase_id)
      }
      await untilAllHaveEnded(books)
    }
    assert.deepEqual(await checkLaws(books, accepted, 0), [])
    const bySale = Map.groupBy(await books.cases(), ({ lines }) => [...lines.keys()].join())
    assert.equal(bySale.size, ROUNDS)
    for (const [product, cases] of bySale) assertSoldOut(product, cases)
    for (const { on_hand, sold } of await books.stock())
      assert.deepEqual({ on_hand, sold }, { on_hand: 0, sold: STOCK })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

const assertSoldOut = (product: string, cases: readonly Case[]): void => {
  assert.equal(cases.length, BUYERS)
  const winners = cases.filter(({ status }) => status === 'completed')
  const losers = cases.filter(({ status }) => status === 'refused')
  assert.equal(winners.length, STOCK, `of ${product}`)
  assert.equal(losers.length, BUYERS - STOCK, `of ${product}`)
  for (const { id, ledger, payment } of losers) {
    assert.deepEqual(ledger, [], `purchase ${id} came too late, and its card was asked`)
    assert.equal(payment, undefined)
  }
}
