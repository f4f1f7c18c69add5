// kill -9 of the whole process in the middle of 500 purchases, then a restart on the same folder.
import { openBooks } from './laws/books.ts'
import { checkLaws } from './laws/check-laws.ts'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FleetProcess } from './fleet/fleet-process.ts'
import { Shop, type Person, type Product } from './fleet/shop.ts'

const PURCHASES = 500
const AT_ONCE = 32
/** The provider's test cards: approved, declined, and paid although the answer is lost. */
const CARDS = [undefined, undefined, undefined, '4000000000000002', '4000000000000119']

type Outcome = { readonly accepted: readonly string[]; readonly unanswered: number }

/** Fires all purchases, killing the fleet once half of them are accepted; what then gets no answer is counted. */
const buyUntilKilled = async (fleet: FleetProcess, buyer: Person, products: readonly Product[]): Promise<Outcome> => {
  const shop = new Shop(fleet.url)
  const accepted: string[] = []
  let unanswered = 0
  let next = 0
  let killed: Promise<void> | undefined
  const buyOne = async (n: number): Promise<void> => {
    const lines = [0, 1].flatMap((i): [Product, number][] => {
      const product = products[(n + i * (n % 3)) % products.length]
      return product === undefined ? [] : [[product, 1 + (n % 2)]]
    })
    const card = CARDS[n % CARDS.length]
    try {
      const { status, body } = await shop.buy(buyer, lines, card === undefined ? {} : { card })
      assert.ok(status < 300, `${status} ${JSON.stringify(body)}`)
      accepted.push(body.purchase_id)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      unanswered++
    }
    if (accepted.length >= PURCHASES / 2) killed ??= fleet.kill()
  }
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < PURCHASES) await buyOne(next++)
    }),
  )
  await killed
  return { accepted, unanswered }
}

test('every purchase ends and the laws hold', { timeout: 110_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-crash-'))
  try {
    const first = await FleetProcess.start({ dataDir: scratch })
    const shop = new Shop(first.url)
    const buyer = await shop.person()
    const category = await shop.category(buyer)
    const products: Product[] = []
    // The last one is sold out soon.
    for (const inventory of [1_000, 1_000, 1_000, 20]) products.push(await shop.product(buyer, category, { inventory }))
    const { accepted, unanswered } = await buyUntilKilled(first, buyer, products)
    assert.ok(unanswered > 0, 'it was killed in the middle')

    await using second = await FleetProcess.start({ dataDir: scratch })
    await using postgres = await startEmbedded({ dir: join(scratch, 'pg') })
    await using books = await openBooks(postgres.url)
    const open = (): Promise<number> => books.openSagas()
    while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(await checkLaws(books, accepted, unanswered), [])
    const completed = [...(await books.ends()).values()].filter(({ status }) => status === 'completed').length
    assert.ok(completed > accepted.length / 4, `${completed} of ${accepted.length} completed`)
    assert.equal((await new Shop(second.url).call('GET', '/livez')).status, 200)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
