// An order that nobody pays, in a running shop: reminded of, cancelled, its stock for sale again. Across a crash as well.
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from './eventually.ts'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop } from './fleet/shop.ts'
import { openBooks, type Books } from './laws/books.ts'
import { checkLaws } from './laws/check-laws.ts'

const lettersAbout = async (books: Books, id: string, template: string): Promise<number> =>
  (await books.letters()).filter((letter) => letter.purchase === id && letter.template === template).length

test(
  'an unpaid order is reminded of, ends in time, and its stock is for sale again',
  { timeout: 100_000 },
  async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'argosy-expiry-'))
    try {
      await using postgres = await startEmbedded({ dir: join(scratch, 'pg'), fsync: false })
      const env = { DATABASE_URL: postgres.url, ORDER_REMINDERS: '1s,4s', ORDER_EXPIRY: '7s' }
      await using books = await openBooks(postgres.url)
      const accepted: string[] = []
      const buyLater = async (shop: Shop) => {
        const person = await shop.person()
        const product = await shop.product(person, await shop.category(person), { inventory: 2 })
        const { status, body } = await shop.buy(person, [[product, 2]], { method: 'transfer' })
        assert.equal(status, 201, JSON.stringify(body))
        accepted.push(body.purchase_id)
        const available = async (of: Shop): Promise<number> =>
          (await of.call('GET', `/api/v1/inventory/${product.id}`)).body.inventory.available
        return { person, id: String(body.purchase_id), available }
      }

      const first = await FleetProcess.start({ dataDir: scratch, env })
      const shop = new Shop(first.url)
      const watched = await buyLater(shop)
      await eventually('two reminders', async () => (await lettersAbout(books, watched.id, 'payment-reminder')) === 2)
      assert.equal(await watched.available(shop), 0)
      const end = await shop.end(watched.person, watched.id, 30_000)
      assert.deepEqual([end.status, end.reason], ['cancelled', 'not-paid-in-time'])
      // Known failure: expiry that does not restock.
      assert.equal(await watched.available(shop), 2)
      await eventually(
        'the cancellation is told',
        async () => (await lettersAbout(books, watched.id, 'purchase-cancelled')) === 1,
      )

      const missed = await buyLater(shop)
      await eventually(
        'the first reminder',
        async () => (await lettersAbout(books, missed.id, 'payment-reminder')) === 1,
      )
      await first.kill()
      // Nobody is there when the second reminder is due, nor when the order should end.
      await new Promise((resolve) => setTimeout(resolve, 7_000))
      await using second = await FleetProcess.start({ dataDir: scratch, env })
      await eventually(
        'the cancellation is told after the crash',
        async () => (await lettersAbout(books, missed.id, 'purchase-cancelled')) === 1,
      )
      assert.equal(await lettersAbout(books, missed.id, 'payment-reminder'), 1)
      assert.equal(await missed.available(new Shop(second.url)), 2)
      await eventually('all purchases have ended', async () => (await books.openSagas()) === 0)
      assert.deepEqual(await checkLaws(books, accepted, 0), [])
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  },
)
