// A used shop's database is brought to another server: restored from a backup, or replicated there. The shop goes on selling.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop, type Person } from '../fleet/shop.ts'
import { dumpInto, replicateInto } from '../faults/moved-database.ts'
import { assertAllCompleted, openGoods, readiness } from './faults-shop.ts'
import { freshDatabase } from './fresh-database.ts'
import { assertLaws } from './law-check.ts'
import { ifHere } from './not-here.ts'
import { startStockPostgres } from './postgres.ts'
import { buySteadily, type Accepted } from './steady-load.ts'

const RESTING = 4
/** Ms in which all ends that is under way when the shop has been started. */
const GOES_ON = 20_000
const timeout = 300_000

/** Two servers: a used shop's database is on the one, the other is as new. */
const twoServers = async (
  t: TestContext,
  owned: AsyncDisposableStack,
): Promise<{ dir: string; from: string; to: string } | undefined> => {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-moved-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const start = (name: string) =>
    ifHere(
      () => startStockPostgres(join(dir, name), { wal_level: 'logical' }),
      (reason) => t.skip(reason),
    )
  const [old, other] = [await start('old'), await start('new')]
  if (old === undefined || other === undefined) return undefined
  owned.use(old)
  owned.use(other)
  return { dir, from: await freshDatabase(old.url, 'shop'), to: await freshDatabase(other.url, 'shop') }
}

type Used = { readonly buyer: Person; readonly accepted: Accepted[]; readonly resting: readonly string[] }

test('restored from a backup that was made in the middle of its work', { timeout }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const servers = await twoServers(t, owned)
  if (servers === undefined) return
  const { dir, from, to } = servers
  const old = owned.use(await FleetProcess.start({ dataDir: join(dir, 'a'), env: { DATABASE_URL: from } }))
  const goods = await openGoods(new Shop(old.url))
  const resting = await restingOf(new Shop(old.url), goods.buyer)
  const load = buySteadily({ shop: () => new Shop(old.url), ...goods, perSecond: 20 })
  await sleep(5_000)
  await old.kill()
  await load.stop()
  await dumpInto(from, to)
  const used = { ...goods, accepted: [...load.accepted], resting }
  await goesOn(t, { dir, to, used, unanswered: load.unanswered() })
})

test('brought over by logical replication', { timeout }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const servers = await twoServers(t, owned)
  if (servers === undefined) return
  const { dir, from, to } = servers
  const old = owned.use(await FleetProcess.start({ dataDir: join(dir, 'a'), env: { DATABASE_URL: from } }))
  const goods = await openGoods(new Shop(old.url))
  const resting = await restingOf(new Shop(old.url), goods.buyer)
  const load = buySteadily({ shop: () => new Shop(old.url), ...goods, perSecond: 20 })
  await sleep(5_000)
  const replication = await replicateInto(from, to)
  await load.stop()
  await old.stop()
  await replication.switchOver()
  const used = { ...goods, accepted: [...load.accepted], resting }
  await goesOn(t, { dir, to, used, unanswered: load.unanswered() })
})

/** Purchases that wait for their money. */
const restingOf = async (shop: Shop, buyer: Person): Promise<readonly string[]> => {
  const product = await shop.product(buyer, await shop.category(buyer), { inventory: 100 })
  const resting: string[] = []
  for (let n = 0; n < RESTING; n++) {
    const { status, body } = await shop.buy(buyer, [[product, 1]], { method: 'transfer' })
    assert.equal(status, 201, JSON.stringify(body))
    resting.push(body.purchase_id)
  }
  return resting
}

type Moved = { readonly dir: string; readonly to: string; readonly used: Used; readonly unanswered: number }

/** Starts the shop on the new server; all that was begun and all that is new must come to its end there. */
const goesOn = async (t: TestContext, { dir, to, used, unanswered }: Moved): Promise<void> => {
  const { buyer, accepted, resting } = used
  assert.ok(accepted.length >= 80, `${accepted.length} were accepted before`)
  const options = { dataDir: join(dir, 'b'), env: { DATABASE_URL: to } }
  await using shop = await FleetProcess.start(options)
  const door = new Shop(shop.url)
  await t.test('what is new is completed, and it is ready only if that is so', async () => {
    const product = await door.product(buyer, await door.category(buyer), { inventory: 100 })
    const fresh = buySteadily({ shop: () => door, buyer, products: [product], perSecond: 5 })
    await sleep(3_000)
    await fresh.stop()
    accepted.push(...fresh.accepted)
    assert.deepEqual([...fresh.refusals], [])
    const ready = await readiness(shop.url)
    await assertAllCompleted(to, fresh.accepted, GOES_ON).catch((cause: unknown) => {
      throw new Error(`/readyz said ${ready.status} ${ready.text}, and purchases do not end: ${String(cause)}`)
    })
    assert.equal(ready.status, 200, ready.text)
  })
  await t.test('what was begun before is completed', () => assertAllCompleted(to, accepted, GOES_ON))
  await t.test('what waited for its money can be paid', async () => {
    for (const id of resting) {
      const pay = { token: buyer.token, body: { card: '4242424242424242' } }
      const { status, body } = await door.call('POST', `/api/v1/orders/${id}/pay`, pay)
      assert.equal(status, 202, JSON.stringify(body))
    }
    await assertAllCompleted(
      to,
      resting.map((id) => ({ id, at: Date.now() })),
      GOES_ON,
    )
  })
  await t.test('the laws hold', () => assertLaws(to, [...accepted.map(({ id }) => id), ...resting], unanswered))
}
