// What every queue promises, kept by both on real servers; then what may happen to a broker, on brokers of this file's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listDeadJobs } from '@kit/jobs/dead-jobs'
import { connect } from 'amqplib'
import { ABSENCE } from './absence.ts'
import { eventually } from '../eventually.ts'
import { ownBroker } from './own-broker.ts'
import { askFor, assertOnce, promises } from './queue/promises.ts'
import { Yard } from './queue/yard.ts'
import { rabbitUrl } from './rabbit-url.ts'

const WORK = 'argosy.work.yard.haul'

for (const [name, queueUrl] of [
  ['postgres', 'postgres:'],
  ['rabbitmq', rabbitUrl()],
] as const) {
  test(`${name} keeps what a queue promises`, { timeout: 400_000 }, async (t) => {
    if (queueUrl === undefined) return t.skip('no RabbitMQ')
    const open = (concurrency = 8) => Yard.open(`argosy_queue_${name}`, { queueUrl, concurrency })
    for (const [promise, keep] of promises) await t.test(promise, (inner) => keep(open, inner))
  })
}

test('rabbitmq fails', { timeout: 400_000 }, async (t) => {
  await using broker = await ownBroker(t)
  if (broker === undefined) return
  const { rabbit } = broker
  const open = () => Yard.open('argosy_queue_broker', { queueUrl: rabbit.url })

  await t.test('killed in the middle of the work and started again: nothing is lost, nothing ends twice', async () => {
    await using yard = await open()
    yard.work()
    const names = [...(await askFor(yard, 600, 40))]
    await eventually('some have ended', async () => (await yard.ended()).size >= 50)
    await rabbit.remembers()
    await rabbit.kill()
    names.push(...(await askFor(yard, 50)))
    await rabbit.run()
    await yard.allEnd(names)
    await assertOnce(yard, names)
  })

  await t.test(`away for ${ABSENCE} ms: jobs are accepted, and done when it is back`, async (inner) => {
    await using yard = await open()
    yard.work()
    await yard.allEnd(await askFor(yard, 10))
    await rabbit.kill()
    const names: string[] = []
    const until = performance.now() + ABSENCE
    while (performance.now() < until) {
      names.push(...(await askFor(yard, 20)))
      await sleep(500)
    }
    await rabbit.run()
    const back = performance.now()
    await yard.allEnd(names)
    inner.diagnostic(`${names.length} jobs, all done ${Math.round(performance.now() - back)} ms after its return`)
    await assertOnce(yard, names)
  })

  await t.test('back with nothing: all that the database knows is done', async () => {
    await using yard = await open()
    yard.work()
    const names = await askFor(yard, 300, 20)
    await eventually('some have ended', async () => (await yard.ended()).size >= 50)
    await rabbit.kill()
    rabbit.wipe()
    await rabbit.run()
    await yard.allEnd(names)
    await assertOnce(yard, names)
  })

  await t.test('its queue deleted: the consumer is back, and what was in it is done', async () => {
    await using yard = await open()
    yard.work()
    const names = [...(await askFor(yard, 200, 20))]
    await eventually('some have ended', async () => (await yard.ended()).size >= 30)
    await deleteQueue(rabbit.url)
    names.push(...(await askFor(yard, 50)))
    await yard.allEnd(names)
    await assertOnce(yard, names)
  })

  await t.test('a job whose message the broker has given up is given to it once more, and done', async () => {
    await using yard = await Yard.open('argosy_queue_broker', { queueUrl: rabbit.url, concurrency: 1 })
    yard.work()
    const names = await askFor(yard, 12, 300)
    await eventually('the broker gives one up', () => refuseOne(rabbit.url))
    await yard.allEnd(names)
    await assertOnce(yard, names)
    assert.deepEqual(await listDeadJobs(yard.db), [])
  })
})

test('three nodes: the leader is killed under load, and nothing is lost', { timeout: 400_000 }, async (t) => {
  await using broker = await ownBroker(t, 3)
  if (broker === undefined) return
  const { rabbit } = broker
  await using yard = await Yard.open('argosy_queue_nodes', { queueUrl: rabbit.url })
  await Promise.all([yard.hire(), yard.hire()])
  const names = [...(await askFor(yard, 100, 10))]
  await eventually('some have ended', async () => (await yard.ended()).size >= 50)
  const leader = await rabbit.leaderOf(WORK)
  const ask = async (): Promise<void> => {
    while (names.length < 1_500) {
      names.push(...(await askFor(yard, 20, 10)))
      await sleep(50)
    }
  }
  const asking = ask()
  await eventually('the load is on', () => names.length > 400)
  await rabbit.kill(leader)
  await asking
  await yard.allEnd(names)
  await assertOnce(yard, names)
  assert.notEqual(leader, -1)
  t.diagnostic(`node ${leader + 1} killed, ${names.length} jobs done by the other two`)
})

/** Takes a message and never acknowledges it, until the broker has given it up. Whether it has: false while there is none. */
const refuseOne = async (url: string): Promise<boolean> => {
  const connection = await connect(url)
  const channel = await connection.createChannel()
  let first: unknown
  for (;;) {
    const message = await channel.get(WORK)
    if (message === false) break
    first ??= message.properties.messageId
    if (message.properties.messageId !== first) break
    channel.nack(message)
  }
  await connection.close()
  return first !== undefined
}

const deleteQueue = async (url: string): Promise<void> => {
  const connection = await connect(url)
  const channel = await connection.createChannel()
  await channel.deleteQueue(WORK)
  await connection.close()
}
