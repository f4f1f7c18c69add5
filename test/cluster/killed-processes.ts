import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { Shop } from '../fleet/shop.ts'
import { eventually } from '../eventually.ts'
import { whoReads } from './members.ts'
import type { ProcessFleet, ServiceName } from './process-fleet.ts'
import type { Actors } from './scenario.ts'
import type { UnderLoad } from './under-load.ts'

const SHARED = ['order', 'purchase', 'inventory'] as const

export type Ground = {
  readonly t: TestContext
  readonly fleet: ProcessFleet
  readonly actors: Actors
  readonly underLoad: UnderLoad
  /** Where the tables of a service are. */
  readonly databaseOf: (service: (typeof SHARED)[number]) => string
}

const KILLED = [['order'], ['inventory', 'payment'], ['purchase'], ['catalog', 'account']] as const

/** One test for each of these groups of services: they are killed together while people buy, and started again. */
export const killUnderLoad = async (
  { t, fleet, underLoad }: Ground,
  groups: readonly (readonly ServiceName[])[] = KILLED,
): Promise<void> => {
  for (const killed of groups) {
    await t.test(`${killed.join(' and ')} killed under load, and started again`, () =>
      underLoad(async () => {
        await Promise.all(killed.map((service) => fleet.kill(service)))
        await Promise.all(killed.map((service) => fleet.run(service)))
      }),
    )
  }
}

/** Two instances of some services under load, of which one is killed. */
export const shareThePartitions = async ({ t, fleet, actors, underLoad, databaseOf }: Ground): Promise<void> => {
  await t.test('two instances share the partitions; when one is killed the other reads all', () =>
    underLoad(async () => {
      const second = await Promise.all(SHARED.map((service) => fleet.run(service, `second ${service}`)))
      for (const service of SHARED) assert.equal(await whoReads(databaseOf(service), service), 2, service)
      for (const process of second) await eventually('its share is read', async () => (await readBy(process)) > 0)
      await oneKeyAtTwoDoors(actors, second[1]?.url ?? '')
      await Promise.all(SHARED.map((service) => fleet.kill(`second ${service}`)))
      await eventually('the dead are forgotten', async () => (await whoReads(databaseOf('order'), 'order')) === 1)
    }),
  )
}

/** How many messages a process has handled. */
const readBy = async ({ url }: { url: string }): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/argosy_reader_batch_messages_sum\{[^}]*\} (\d+)/.exec(metrics)?.[1] ?? 0)
}

/** Sends one request with one key to both instances at the same moment: the constraint decides between them. */
const oneKeyAtTwoDoors = async ({ shop, buyer, product, accepted }: Actors, other: string): Promise<void> => {
  const headers = { 'idempotency-key': randomUUID() }
  const doors = [shop, new Shop(other), shop, new Shop(other)]
  const answers = await Promise.all(doors.map((door) => door.buy(buyer, [[product, 1]], { headers })))
  const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.purchase_id))
  assert.equal(ids.size, 1, JSON.stringify(answers.map(({ status, body }) => [status, body.code])))
  assert.ok(answers.every(({ status, body }) => status === 201 || body.code === 'request-in-flight'))
  accepted.push(...ids)
  const [id = ''] = ids
  assert.equal((await new Shop(other).end(buyer, id)).status, 'completed', 'each tells how it ends')
}
