// A process per service: the same scenes, then processes are killed under load, and two share the work of one.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Shop } from '../fleet/shop.ts'
import { clusterUrl } from './cluster-url.ts'
import { eventually } from '../eventually.ts'
import { freshDatabase } from './fresh-database.ts'
import { killUnderLoad, shareThePartitions } from './killed-processes.ts'
import { assertLaws } from './law-check.ts'
import { ProcessFleet } from './process-fleet.ts'
import { haste, open, scenes } from './scenario.ts'
import { startMailServer } from './smtp-server.ts'
import { loadOn } from './under-load.ts'

test('a process per service', { timeout: 480_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-many-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_many')
  const mail = owned.use(await startMailServer())
  const fleet = owned.use(await ProcessFleet.start({ dir, databaseUrl, env: { SMTP_URL: mail.url, ...haste } }))
  const accepted: string[] = []
  const actors = await open({ url: fleet.url, mailTo: mail.to, accepted })
  for (const [name, play] of scenes) await t.test(name, () => play(actors))
  await t.test('the laws hold', () => assertLaws(databaseUrl, accepted))

  const ground = { t, fleet, actors, underLoad: loadOn(actors, databaseUrl), databaseOf: () => databaseUrl }
  await killUnderLoad(ground)
  await shareThePartitions(ground)
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
