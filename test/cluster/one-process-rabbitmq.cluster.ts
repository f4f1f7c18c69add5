// The whole shop in one process, its jobs by way of RabbitMQ, which is away for a while in the middle.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { ABSENCE } from './absence.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { assertLaws } from './law-check.ts'
import { ownBroker } from './own-broker.ts'
import { haste, open, scenes } from './scenario.ts'
import { startMailServer } from './smtp-server.ts'

/** Who has bought so many ms before the broker's return, or later, is served: no payment has been waited for in vain. */
const IN_TIME = 8_000

test('one process on RabbitMQ', { timeout: 400_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const broker = owned.use(await ownBroker(t))
  if (broker === undefined) return
  const { rabbit } = broker
  const dataDir = mkdtempSync(join(tmpdir(), 'argosy-rabbit-one-'))
  owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_one_rabbit')
  const mail = owned.use(await startMailServer())
  const env = { DATABASE_URL: databaseUrl, SMTP_URL: mail.url, QUEUE_URL: rabbit.url, ...haste }
  const fleet = owned.use(await FleetProcess.start({ dataDir, env, patience: 90_000 }))
  const accepted: string[] = []
  const actors = await open({ url: fleet.url, mailTo: mail.to, accepted })
  for (const [name, play] of scenes) await t.test(name, () => play(actors))

  await t.test(
    `without its broker for ${ABSENCE} ms it accepts purchases, and each has its end afterwards`,
    async () => {
      const { shop, buyer, seller } = actors
      // None is refused for want of stock: what is not paid for yet keeps its units.
      const product = await shop.product(seller, await shop.category(seller))
      await rabbit.kill()
      const until = performance.now() + ABSENCE
      const bought: { readonly id: string; readonly at: number }[] = []
      while (performance.now() < until) {
        const { status, body } = await shop.buy(buyer, [[product, 1]])
        assert.equal(status, 201, JSON.stringify(body))
        bought.push({ id: body.purchase_id, at: performance.now() })
        await sleep(500)
      }
      await rabbit.run()
      accepted.push(...bought.map(({ id }) => id))
      for (const { id, at } of bought) {
        const { status } = await shop.end(buyer, id)
        if (at > until - IN_TIME) assert.equal(status, 'completed')
        // A payment that nobody could ask for in time has called its purchase off.
        else assert.match(status, /^(completed|cancelled)$/)
      }
    },
  )
  await t.test('the laws hold', () => assertLaws(databaseUrl, accepted))
})
