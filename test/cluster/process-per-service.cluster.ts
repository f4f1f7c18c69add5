// A process per service: the same scenes, then processes are killed under load, and two share the work of one.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { buyThrough } from './buy-through.ts'
import { Shop } from '../fleet/shop.ts'
import { clusterUrl } from './cluster-url.ts'
import { eventually } from '../eventually.ts'
import { freshDatabase } from './fresh-database.ts'
import { assertLaws } from './law-check.ts'
import { whoReads } from './members.ts'
import { ProcessFleet } from './process-fleet.ts'
import { haste, open, scenes } from './scenario.ts'
import { startMailServer } from './smtp-server.ts'

const PURCHASES = 40

test('a process per service', { timeout: 480_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-many-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_many')
  const mail = owned.use(await startMailServer())
  const fleet = owned.use(await ProcessFleet.start({ dir, databaseUrl, env: { SMTP_URL: mail.url, ...haste } }))
  const accepted: string[] = []
  let unanswered = 0
  const actors = await open({ url: fleet.url, mailTo: mail.to, accepted })
  for (const [name, play] of scenes) await t.test(name, () => play(actors))
  await t.test('the laws hold', () => assertLaws(databaseUrl, accepted))

  const underLoad = async (inTheMiddle: () => Promise<void>): Promise<void> => {
    const outcome = await buyThrough({ ...actors, total: PURCHASES, inTheMiddle })
    accepted.push(...outcome.accepted)
    unanswered += outcome.unanswered
    assert.ok(outcome.accepted.length >= PURCHASES / 4, `${outcome.accepted.length} accepted: ${outcome.refusals}`)
    await assertLaws(databaseUrl, accepted, unanswered)
  }
  /** Sends one request with one key to both instances at the same moment: the constraint decides between them. */
  const oneKeyAtTwoDoors = async (other: string): Promise<void> => {
    const { shop, buyer, product } = actors
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

  for (const killed of [['order'], ['inventory', 'payment'], ['purchase'], ['catalog', 'account']] as const) {
    await t.test(`${killed.join(' and ')} killed under load, and started again`, () =>
      underLoad(async () => {
        await Promise.all(killed.map((service) => fleet.kill(service)))
        await Promise.all(killed.map((service) => fleet.run(service)))
      }),
    )
  }
  await t.test('two instances share the partitions; when one is killed the other reads all', () =>
    underLoad(async () => {
      const shared = ['order', 'purchase', 'inventory'] as const
      const second = await Promise.all(shared.map((service) => fleet.run(service, `second ${service}`)))
      for (const service of shared) assert.equal(await whoReads(databaseUrl, service), 2, service)
      const readBy = async ({ url }: { url: string }): Promise<number> =>
        Number(
          /argosy_reader_batch_messages_sum\{[^}]*\} (\d+)/.exec(await (await fetch(`${url}/metrics`)).text())?.[1] ??
            0,
        )
      for (const process of second) await eventually('its share is read', async () => (await readBy(process)) > 0)
      await oneKeyAtTwoDoors(second[1]?.url ?? '')
      await Promise.all(shared.map((service) => fleet.kill(`second ${service}`)))
      await eventually('the dead are forgotten', async () => (await whoReads(databaseUrl, 'order')) === 1)
    }),
  )
  await t.test('without catalog and inventory there is an answer, and it says what is wrong', async () => {
    const { shop, buyer, product } = actors
    await fleet.kill('catalog')
    const bought = await shop.buy(buyer, [[product, 1]])
    assert.deepEqual([bought.status, bought.body.code], [503, 'unavailable'])
    await fleet.run('catalog')
    await fleet.kill('inventory')
    const shown = await shop.call('GET', `/api/v1/products/${product.id}`)
    assert.deepEqual([shown.status, shown.body.product.inventory], [200, undefined])
    await fleet.run('inventory')
  })
  await t.test('a gateway that has never seen the keys says unavailable, not unknown', async () => {
    await fleet.kill('account')
    const late = await fleet.run('gateway', 'second gateway')
    const { status, body } = await new Shop(late.url).call('GET', '/api/v1/purchases', { token: actors.buyer.token })
    assert.deepEqual([status, body.code], [503, 'unavailable'])
    await fleet.run('account')
    await eventually('the keys are had', async () => {
      const again = await new Shop(late.url).call('GET', '/api/v1/purchases', { token: actors.buyer.token })
      return again.status === 200
    })
  })
})
