// The Kafka that tests run on does what they ask of it. What the shop makes of it is tested elsewhere.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTo } from 'node:net'
import { test } from 'node:test'
import { connect as connectByTls } from 'node:tls'
import { readFileSync } from 'node:fs'
import { eventually } from '../eventually.ts'
import { kafkaUrl } from './kafka-url.ts'
import { ownKafka } from './own-broker.ts'

const TOPICS = 'org.apache.kafka.tools.TopicCommand'

test('there is one for all that do not kill it', { timeout: 10_000 }, async (t) => {
  const url = kafkaUrl()
  if (url === undefined) return t.skip('no Kafka')
  const [first = ''] = url.replace('kafka://', '').split(',')
  const { hostname, port } = new URL(`tcp://${first}`)
  const socket = connectTo(Number(port), hostname)
  await once(socket, 'connect')
  socket.destroy()
})

test(
  'three brokers: one killed or frozen, another leads; wiped, they know nothing',
  { timeout: 300_000 },
  async (t) => {
    await using own = await ownKafka(t, { count: 3 })
    if (own === undefined) return
    const { kafka } = own
    await kafka.tool(TOPICS, '--create', '--topic', 'notes', '--partitions', '1')
    const led = await kafka.leaderOf('notes')
    const leads = (other: (n: number) => boolean) => async () => {
      const n = await kafka.leaderOf('notes')
      return n >= 0 && other(n)
    }
    await kafka.kill(led)
    await eventually(
      'another leads',
      leads((n) => n !== led),
    )
    await kafka.run(led)
    const leadsNow = await kafka.leaderOf('notes')
    kafka.freeze(leadsNow)
    await eventually(
      'again another leads',
      leads((n) => n !== leadsNow),
    )
    kafka.thaw(leadsNow)
    await kafka.wipe()
    assert.equal((await kafka.tool(TOPICS, '--list')).trim(), '')
  },
)

test('one whose clients log in shows a certificate of its own authority', { timeout: 120_000 }, async (t) => {
  await using own = await ownKafka(t, { secure: true })
  if (own === undefined) return
  const { secrets, url } = own.kafka
  assert.ok(secrets)
  const { hostname, port } = new URL(url.replace('kafka:', 'tcp:'))
  const socket = connectByTls({ host: hostname, port: Number(port), ca: readFileSync(secrets.ca) })
  await once(socket, 'secureConnect')
  assert.equal(socket.authorized, true)
  socket.destroy()
})
