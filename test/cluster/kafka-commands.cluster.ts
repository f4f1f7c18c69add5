// What the commands tell of a shop whose log is Kafka and whose mail service has a database of its own.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { openClient } from '@kit/postgres/connection/client'
import { eventually } from '../eventually.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop } from '../fleet/shop.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { ownKafka } from './own-broker.ts'

const program = fileURLToPath(new URL('../../apps/argosy/bin/argosy.js', import.meta.url))
const GROUPS = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'

type Env = Readonly<Record<string, string>>
type Group = { readonly name: string; readonly database: string; readonly processes: number; readonly messages: number }
type Finding = Readonly<Record<'name' | 'verdict' | 'found', string>>

/** What a command says, as data, and its exit code. */
const argosy = async (
  env: Env,
  ...words: readonly string[]
): Promise<{ readonly said: any; readonly code: number }> => {
  const child = spawn(process.execPath, [program, ...words, '--json'], {
    env: { PATH: process.env['PATH'], HOME: tmpdir(), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, problem, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { said: out === '' ? problem : JSON.parse(out), code: Number(code) }
}

test('log, doctor and dead-letters look into every database, and at Kafka', { timeout: 300_000 }, async (t) => {
  await using own = await ownKafka(t)
  if (own === undefined) return
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-commands-'))
  try {
    const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_commands')
    const mailUrl = await freshDatabase(clusterUrl(), 'argosy_commands_mail')
    const env = {
      LOG_URL: own.kafka.url,
      DATABASE_URL: databaseUrl,
      MAIL_DATABASE_URL: mailUrl,
      DATA_DIR: join(scratch, 'data'),
    }
    await using fleet = await FleetProcess.start({ dataDir: env.DATA_DIR, env })
    const shop = new Shop(fleet.url)
    const seller = await shop.person('Sam')
    const buyer = await shop.person('Ada')
    const product = await shop.product(seller, await shop.category(seller))
    const bought = await shop.buy(buyer, [[product, 1]])
    assert.equal((await shop.end(buyer, bought.body.purchase_id)).status, 'completed')

    const groups = async (): Promise<readonly Group[]> => (await argosy(env, 'log', 'ls')).said
    await eventually('everything is read', async () => (await groups()).every(({ messages }) => messages === 0))
    const listed = (await groups()).map(({ name, database, processes }) => `${name} ${database} ${processes}`)
    assert.deepEqual(listed, [
      'relay DATABASE_URL 1',
      ...['account', 'catalog', 'inventory', 'order', 'payment', 'purchase'].map((name) => `${name} DATABASE_URL 1`),
      'relay MAIL_DATABASE_URL 1',
      'mail MAIL_DATABASE_URL 1',
    ])
    const refused = await argosy(env, 'log', 'forget', 'order')
    assert.equal(refused.code, 1)
    assert.match(String(refused.said), /1 process reads for order now\. Fix: stop them first, or keep the group/)

    const findings = async (): Promise<readonly string[]> =>
      (await argosy(env, 'doctor')).said.map(({ verdict, name, found }: Finding) => `${verdict} ${name}: ${found}`)
    const healthy = await findings()
    assert.ok(
      healthy.some((line) => line.startsWith('ok database: MAIL_DATABASE_URL: PostgreSQL')),
      healthy.join('\n'),
    )
    assert.ok(healthy.some((line) => /^warning kafka: account\.commands .* kept on one broker only/.test(line)))
    assert.ok(healthy.includes('ok log: 9 groups have read it'), healthy.join('\n'))
    assert.ok(!healthy.some((line) => line.startsWith('broken')), healthy.join('\n'))

    await using client = await openClient({ url: mailUrl, name: 'test' })
    await client.query("insert into log.checkpoint (reader_group, topic, partition) values ('gone', 'order.events', 0)")
    await own.kafka.tool(
      GROUPS,
      ...'--group gone --topic order.events --reset-offsets --to-earliest --execute'.split(' '),
    )
    assert.ok((await findings()).includes('warning log: gone has read Kafka once, and nobody reads for it'))
    assert.deepEqual(await argosy(env, 'log', 'forget', 'gone'), { said: { forgotten: 'gone' }, code: 0 })
    assert.ok(!(await groups()).some(({ name }) => name === 'gone'))
    assert.doesNotMatch(await own.kafka.tool(GROUPS, '--list'), /^gone$/m)
    assert.equal((await argosy(env, 'log', 'forget', 'gone')).code, 1)
    assert.deepEqual(await argosy(env, 'dead-letters', 'ls'), { said: [], code: 0 })

    await own.kafka.kill()
    const broken = await findings()
    assert.ok(
      broken.some((line) => /^broken kafka: Kafka cannot be used at .*ECONNREFUSED/.test(line)),
      broken.join('\n'),
    )
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})
