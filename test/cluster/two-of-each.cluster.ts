// Two instances of each service and of the gateway, which know both addresses of the others, are restarted one after the
// other while people call: no call fails, and every purchase ends.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { serviceNames } from '@argosy/contracts/services'
import { eventually } from '../eventually.ts'
import { Shop, type Person, type Product } from '../fleet/shop.ts'
import { freshDatabase } from './fresh-database.ts'
import { assertLaws } from './law-check.ts'
import { ifHere } from './not-here.ts'
import { startStockPostgres } from './postgres.ts'
import { ProcessFleet } from './process-fleet.ts'
import { howTheyWent, tally } from './steady-load.ts'
import { callSteadily } from './two-of-each/calls.ts'
import { clientOf } from './two-of-each/client.ts'

const PER_SECOND = 20

test('two of each are restarted under load, and no call fails', { timeout: 480_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-two-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  // As the guide says: a second instance of all needs more connections than PostgreSQL allows unless told otherwise.
  const settings = { max_connections: '300' }
  const server = await ifHere(
    () => startStockPostgres(join(dir, 'postgres'), settings),
    (reason) => t.skip(reason),
  )
  if (server === undefined) return
  owned.use(server)
  const databaseUrl = await freshDatabase(server.url, 'shop')
  const fleet = owned.use(await ProcessFleet.start({ dir, databaseUrl, env: {}, instances: 2 }))
  console.log('two of each are ready')
  const shop = new Shop(fleet.url)
  const buyer = await shop.person()
  const product = await shop.product(buyer, await shop.category(buyer), { inventory: 1_000_000 })
  const doors = fleet.instancesOf('gateway').map((instance) => fleet.urlOf(instance))
  const first = await warmUp(doors, buyer, product)
  const call = clientOf(doors)
  const calls = owned.use(callSteadily({ call, buyer, product, perSecond: PER_SECOND }))
  await restartAll(fleet)
  await calls.stop()
  const { failures, accepted } = calls
  console.log(`${calls.answered()} calls answered, ${accepted.length} purchases, ${failures.length} failed`)
  assert.deepEqual(
    failures,
    [],
    `${failures.length} of ${calls.answered()} calls failed; the instances said:\n${fleet.log}`,
  )
  await assertLaws(databaseUrl, [...first, ...accepted.map(({ id }) => id)])
  assert.deepEqual(tally(await howTheyWent(databaseUrl, accepted)), { completed: accepted.length })
})

/** Two purchases at each door, by id: a process that has never done anything is slower than others wait for on a busy machine. */
const warmUp = async (doors: readonly string[], buyer: Person, product: Product): Promise<readonly string[]> => {
  const ids: string[] = []
  for (const door of [...doors, ...doors]) {
    const shop = new Shop(door)
    await eventually(`a purchase is taken at ${door}`, async () => {
      const { status, body } = await shop.buy(buyer, [[product, 1]])
      if (status !== 201) return false
      ids.push(body.purchase_id)
      return (await shop.end(buyer, body.purchase_id)).status === 'completed'
    })
  }
  return ids
}

/** Each is told to end, and started again at its address; the next one goes as soon as that one is ready. */
const restartAll = async (fleet: ProcessFleet): Promise<void> => {
  for (const service of [...serviceNames, 'gateway'] as const) {
    for (const instance of fleet.instancesOf(service)) {
      const began = performance.now()
      assert.equal(await fleet.stop(instance), 0, `${instance} did not end well: ${fleet.log}`)
      const stopped = performance.now()
      await fleet.run(service, instance)
      const [ending, starting] = [stopped - began, performance.now() - stopped]
      console.log(`${instance}: ended after ${ending.toFixed(0)} ms, ready after ${starting.toFixed(0)} ms`)
    }
  }
}
