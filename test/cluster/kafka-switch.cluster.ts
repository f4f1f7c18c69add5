// A shop that has run without Kafka goes on with it, with more partitions, and without it again: what was sold stays sold, once.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { serviceNames } from '@argosy/contracts/services'
import { Admin } from '@platformatic/kafka'
import { openClient } from '@kit/postgres/connection/client'
import { eventually } from '../eventually.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop, type Person, type Product } from '../fleet/shop.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { assertLaws } from './law-check.ts'
import { ownKafka } from './own-broker.ts'

test('from PostgreSQL to Kafka, to more partitions, to another prefix, and back', { timeout: 300_000 }, async (t) => {
  await using own = await ownKafka(t)
  if (own === undefined) return
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-switch-'))
  try {
    const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_switch')
    await using client = await openClient({ url: databaseUrl, name: 'test' })
    const accepted: string[] = []
    let customer: { readonly buyer: Person; readonly product: Product } | undefined
    const few = { LOG_URL: `${own.kafka.url}/few`, LOG_PARTITIONS: '2' }
    const many = { LOG_URL: `${own.kafka.url}/many`, LOG_PARTITIONS: '12' }
    const back = { LOG_URL: 'postgres:' }
    const grown = { ...few, LOG_PARTITIONS: '4' }
    for (const log of [back, few, back, few, grown, many, { ...back, LOG_RETENTION: '1s' }]) {
      if (log === grown) await grow(own.kafka.url, 'few', 4)
      await using fleet = await FleetProcess.start({ dataDir: scratch, env: { ...log, DATABASE_URL: databaseUrl } })
      const shop = new Shop(fleet.url)
      customer ??= await customerOf(shop)
      const { buyer, product } = customer
      for (let n = 0; n < 3; n++) {
        const { status, body } = await shop.buy(buyer, [[product, 1]])
        assert.equal(status, 201, JSON.stringify(body))
        accepted.push(body.purchase_id)
        const end = await shop.end(buyer, body.purchase_id).catch(String)
        assert.equal(end.status, 'completed', `${log.LOG_URL}: ${JSON.stringify(end)}\n${fleet.log}`)
      }
      await eventually('everything is read', async () => {
        const metrics = await (await fetch(`${fleet.url}/metrics`)).text()
        return (
          /^argosy_reader_lag_messages/m.test(metrics) && !/^argosy_reader_lag_messages\{[^}]*\} [1-9]/m.test(metrics)
        )
      })
      const { rows } = await client.query(
        'select name, forgotten_at is null as kept from log.reader_group order by name',
      )
      const kept = rows.filter((row) => row.kept).map(({ name }) => name)
      // In each case the outbox is kept for those who read it, and for nobody else.
      const services = ['account', 'catalog', 'inventory', 'mail', 'order', 'payment', 'purchase']
      assert.deepEqual(kept, log.LOG_URL === 'postgres:' ? services : ['relay'])
      await assertLaws(databaseUrl, accepted)
      const letters = await client.query('select count(*)::int as n from purchase.dead_letter')
      assert.equal(letters.rows[0]?.n, 0)
      if ('LOG_RETENTION' in log)
        await eventually('nothing is kept for anybody', async () => {
          const left = await client.query('select count(*)::int as n from log.outbox')
          return left.rows[0]?.n === 0
        })
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

const customerOf = async (shop: Shop): Promise<{ readonly buyer: Person; readonly product: Product }> => {
  const seller = await shop.person('Sam')
  const product = await shop.product(seller, await shop.category(seller))
  return { buyer: await shop.person('Ada'), product }
}

/** What `kafka-topics --alter` does. */
const grow = async (url: string, prefix: string, count: number): Promise<void> => {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [url.replace('kafka://', '')] })
  try {
    const topics = serviceNames.flatMap((name) => [`${prefix}.${name}.commands`, `${prefix}.${name}.events`])
    await admin.createPartitions({ topics: topics.map((name) => ({ name, count })) })
  } finally {
    await admin.close()
  }
}
