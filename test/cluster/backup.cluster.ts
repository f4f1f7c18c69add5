// `argosy backup` while customers buy, `argosy restore` into another folder: the restored shop keeps the laws, and sells.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { eventually } from '../eventually.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop, type Person, type Product } from '../fleet/shop.ts'
import { openBooks } from '../laws/books.ts'
import { checkLaws } from '../laws/check-laws.ts'

const program = fileURLToPath(new URL('../../apps/argosy/bin/argosy.js', import.meta.url))

const argosy = (args: readonly string[], dataDir: string, env: Readonly<Record<string, string>> = {}) =>
  spawn(process.execPath, [program, ...args], {
    env: { ...process.env, DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const outcomeOf = async (
  child: ReturnType<typeof argosy>,
): Promise<{ readonly code: number; readonly said: string }> => {
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  const [code] = await once(child, 'close')
  return { code: Number(code), said }
}

const ENDS = new Set(['completed', 'refused', 'cancelled'])
const AT_ONCE = 8

/** Buys until told to stop: approved, declined, paid although the answer is lost. */
const keepBuying = (shop: Shop, buyer: Person, products: readonly Product[]) => {
  const cards = [undefined, undefined, '4000000000000002', '4000000000000119']
  const accepted: string[] = []
  let isOver = false
  const all = Array.from({ length: AT_ONCE }, async (_, place) => {
    for (let n = place; !isOver; n++) {
      const [product, card] = [products[n % products.length], cards[n % cards.length]]
      if (product === undefined) continue
      const { status, body } = await shop.buy(buyer, [[product, 1]], card === undefined ? {} : { card })
      // A disk that is read for the backup makes the shop slower; it says so before it has accepted.
      assert.ok(status === 201 || status === 503, `${status} ${JSON.stringify(body)}`)
      if (status === 201) accepted.push(body.purchase_id)
    }
  })
  return {
    accepted,
    stop: async () => {
      isOver = true
      await Promise.all(all)
    },
  }
}

test(
  'a shop that is restored from a backup made while it sold keeps the laws, and sells',
  { timeout: 110_000 },
  async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'argosy-backup-'))
    const file = join(scratch, 'backups.tar.gz')
    const [old, anew] = [join(scratch, 'old'), join(scratch, 'new')]
    try {
      await using fleet = await FleetProcess.start({ dataDir: old })
      const shop = new Shop(fleet.url)
      const buyer = await shop.person()
      const category = await shop.category(buyer)
      // The last one is sold out soon.
      const products = [await shop.product(buyer, category), await shop.product(buyer, category, { inventory: 20 })]
      const buying = keepBuying(shop, buyer, products)
      await eventually('some have bought', () => buying.accepted.length > 50)
      const before = [...buying.accepted]
      const made = await outcomeOf(argosy(['backup', file], old))
      assert.equal(made.code, 0, made.said)
      const during = buying.accepted.length - before.length
      assert.ok(during > 0, 'it sold meanwhile')
      await eventually('others have bought', () => buying.accepted.length > before.length + during + 20)
      await buying.stop()
      assert.equal((await outcomeOf(argosy(['restore', file, '--check'], anew))).code, 0)
      assert.equal(existsSync(anew), false)

      const restored = await outcomeOf(argosy(['restore', file], anew))
      assert.equal(restored.code, 0, restored.said)
      await using second = await FleetProcess.start({ dataDir: anew })
      await using postgres = await startEmbedded({ dir: join(anew, 'pg') })
      await using books = await openBooks(postgres.url)
      await eventually('all purchases end', async () => (await books.openSagas()) === 0)
      // What was accepted while the backup was made may be in it or not.
      assert.deepEqual(await checkLaws(books, before, during + AT_ONCE), [])
      const { body } = await new Shop(second.url).buy(buyer, [[products[0] ?? assert.fail(), 1]])
      assert.equal((await new Shop(second.url).end(buyer, body.purchase_id)).status, 'completed')
      // The one that it was made of has everything.
      assert.ok(ENDS.has((await shop.end(buyer, buying.accepted.at(-1) ?? '')).status))
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  },
)

test(
  'a backup that is killed does not disturb the shop, and the next one tidies up',
  { timeout: 110_000 },
  async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'argosy-backup-'))
    const dataDir = join(scratch, 'data')
    try {
      await using fleet = await FleetProcess.start({ dataDir })
      const shop = new Shop(fleet.url)
      const buyer = await shop.person()
      const products = [await shop.product(buyer, await shop.category(buyer))]
      const buying = keepBuying(shop, buyer, products)
      const file = join(scratch, 'b.tar.gz')
      const child = argosy(['backup', file], dataDir)
      const parts = (): readonly string[] => readdirSync(scratch).filter((name) => name.startsWith('b.tar.gz.part-'))
      await eventually('the backup is under way', () => parts().length === 1)
      child.kill('SIGKILL')
      await once(child, 'close')
      const then = buying.accepted.length
      await eventually('the shop goes on', () => buying.accepted.length > then + 20)
      await buying.stop()
      const next = await outcomeOf(argosy(['backup', file], dataDir))
      assert.equal(next.code, 0, next.said)
      assert.deepEqual(parts(), [])
      assert.doesNotMatch(fleet.log.replaceAll(/.*"slow request".*\n/g, ''), /"level"/)
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  },
)
