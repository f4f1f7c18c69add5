// A process per service: the same scenes, then processes are killed under load, and two share the work of one.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { buyThrough } from './buy-through.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { assertLaws } from './law-check.ts'
import { whoReads } from './members.ts'
import { ProcessFleet } from './process-fleet.ts'
import { open, scenes } from './scenario.ts'
import { startMailServer } from './smtp-server.ts'

const PURCHASES = 40

test('a process per service', { timeout: 480_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-many-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_many')
  const mail = owned.use(await startMailServer())
  const fleet = owned.use(await ProcessFleet.start({ dir, databaseUrl, env: { SMTP_URL: mail.url } }))
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
      await Promise.all(shared.map((service) => fleet.run(service, `second ${service}`)))
      for (const service of shared) {
        assert.equal(await whoReads(databaseUrl, service), 2, service)
        await fleet.kill(`second ${service}`)
      }
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
})
