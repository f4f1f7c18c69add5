// What every queue promises, kept by both on real servers; then what may happen to a broker, on brokers of this file's own.
import assert from 'node:assert/strict'
import { getActiveResourcesInfo } from 'node:process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { markFault } from '@kit/fault/fault'
import { listDeadJobs } from '@kit/jobs/dead-jobs'
import { REPUBLISH_AFTER } from '@kit/queue/amqp/amqp-jobs'
import { brokersAt } from '@kit/queue/amqp/brokers'
import { Link } from '@kit/queue/amqp/link'
import { openLog } from '@kit/telemetry/log'
import { connect, type Channel } from 'amqplib'
import { ABSENCE } from './absence.ts'
import { eventually } from '../eventually.ts'
import { ownBroker } from './own-broker.ts'
import { askFor, assertOnce, promises } from './queue/promises.ts'
import { Haul, Yard } from './queue/yard.ts'
import { rabbitUrl } from './rabbit-url.ts'

const WORK = 'argosy.work.yard.haul'

/** Ms within which all is done once the broker is back: far less than it takes until a job that it has lost is given again. */
const SOON = 20_000

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

test('rabbitmq fails', { timeout: 600_000 }, async (t) => {
  await using broker = await ownBroker(t)
  if (broker === undefined) return
  const { rabbit } = broker
  const open = (concurrency = 8) =>
    Yard.open('argosy_queue_broker', { queueUrl: rabbit.url, concurrency, lease: REPUBLISH_AFTER })

  await t.test('killed in the middle of the work and started again: nothing is lost, nothing ends twice', async () => {
    await using yard = await open()
    yard.work()
    const names = [...(await askFor(yard, 600, 40))]
    await eventually('some have ended', async () => (await yard.ended()).size >= 50)
    await rabbit.remembers()
    await rabbit.kill()
    names.push(...(await askFor(yard, 50)))
    await rabbit.run()
    await yard.allEnd(names, SOON)
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
    await yard.allEnd(names, SOON)
    inner.diagnostic(`${names.length} jobs, all done ${Math.round(performance.now() - back)} ms after its return`)
    await assertOnce(yard, names)
  })

  await t.test('back with nothing: all that the database knows is done, and nothing before its time', async () => {
    await using yard = await open()
    yard.work()
    const due = Date.now() + 25_000
    await yard.ask(Haul({ name: 'later' }, { runAt: new Date(due) }))
    const names = ['later', ...(await askFor(yard, 300, 20))]
    await eventually('some have ended', async () => (await yard.ended()).size >= 50)
    await rabbit.kill()
    rabbit.wipe()
    await rabbit.run()
    await yard.allEnd(names, 25_000 + SOON)
    await assertOnce(yard, names)
    const begun = (await yard.begun()).find(({ name }) => name === 'later')?.ms ?? 0
    assert.ok(begun >= due && begun <= due + SOON, `${begun - due} ms late`)
  })

  await t.test('its queue deleted: the consumer is back, and what was in it is done', async () => {
    await using yard = await open()
    yard.work()
    const names = [...(await askFor(yard, 200, 20))]
    await eventually('some have ended', async () => (await yard.ended()).size >= 30)
    await onChannel(rabbit.url, (channel) => channel.deleteQueue(WORK))
    names.push(...(await askFor(yard, 50)))
    await yard.allEnd(names, SOON)
    await assertOnce(yard, names)
  })

  await t.test('a job whose message the broker has given up is given to it once more, and done', async () => {
    await using yard = await open(1)
    yard.work()
    const names = await askFor(yard, 12, 300)
    await eventually('the broker gives one up', () => refuseOne(rabbit.url))
    await yard.allEnd(names, SOON)
    await assertOnce(yard, names)
    assert.deepEqual(await listDeadJobs(yard.db), [])
  })
  await t.test('its queue unbound: the jobs come back, and are given again once all is declared anew', async () => {
    await using yard = await open()
    yard.work()
    const names = [...(await askFor(yard, 10))]
    await yard.allEnd(names, SOON)
    await onChannel(rabbit.url, (channel) => channel.unbindQueue(WORK, 'argosy.work', 'yard.haul'))
    names.push(...(await askFor(yard, 50)))
    await yard.allEnd(names, SOON)
    await assertOnce(yard, names)
  })

  await t.test('short of memory: it takes no more jobs, and those that it has are done', async () => {
    await using yard = await open(1)
    yard.work()
    const names = [...(await askFor(yard, 40, 50))]
    await eventually('some have ended', async () => (await yard.ended()).size >= 5)
    await rabbit.control(0, 'set_vm_memory_high_watermark', '0.00001')
    // What is published now makes the broker stop reading.
    names.push(...(await askFor(yard, 1)))
    await yard.allEnd(names.slice(0, 40), SOON)
    await rabbit.control(0, 'set_vm_memory_high_watermark', '0.4')
    await yard.allEnd(names, SOON)
    await assertOnce(yard, names)
  })

  await t.test('killed before it could publish what it had marked: others publish it soon', async () => {
    await using yard = await open()
    const names = await askFor(yard, 20)
    const killed = await yard.hire('relay.before-publish:1')
    await eventually('it is dead', () => killed.signalCode === 'SIGKILL')
    yard.work()
    await yard.allEnd(names, SOON)
    await assertOnce(yard, names)
  })

  await t.test('the message of the next try waits until the end of the one before is recorded', async () => {
    await using yard = await open()
    let published = 0
    yard.work((name) => {
      if (name === 'relay.after-publish') published++
      // The end of the first try is committed, and nobody here hears of it until the next has been published.
      if (name === 'job.after-commit' && published < 2) throw new Error('the answer is lost')
    })
    await yard.ask(Haul({ name: 'twice', act: 'fail', times: 1 }))
    await yard.allEnd(['twice'], SOON)
    assert.deepEqual(
      (await yard.begun()).map(({ number }) => number),
      [1, 2],
    )
  })

  await t.test('what cannot be recorded at shutdown does not keep its connections open', async () => {
    await using yard = await open()
    let isAway = false
    const jobs = yard.work((name) => {
      if (isAway && name === 'job.before-commit') throw markFault(new Error('it is away'), 'transient')
    })
    await yard.allEnd(await askFor(yard, 1), SOON)
    isAway = true
    await askFor(yard, 1)
    await eventually('it is begun', async () => (await yard.begun()).length === 2)
    await assert.rejects(async () => jobs[Symbol.asyncDispose](), /it is away/)
    assert.equal((await rabbit.control(0, 'list_connections', 'pid')).trim(), '')
    isAway = false
  })

  // The last, for it does not go on.
  await t.test(
    'standing still: it is left, and nothing goes on that would hold up the end of the process',
    async () => {
      const before = timers()
      const { promise: begun, resolve } = Promise.withResolvers<void>()
      const link = new Link({
        brokers: brokersAt(rabbit.url),
        log: openLog({ level: 'silent' }),
        random: () => 0,
        begin: async () => {
          resolve()
          return () => undefined
        },
      })
      link.start()
      await begun
      rabbit.freeze()
      await link[Symbol.asyncDispose]()
      await eventually('no heartbeat is left', () => timers() === before, 5_000)
    },
  )
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

const onChannel = async (url: string, act: (channel: Channel) => Promise<unknown>): Promise<void> => {
  const connection = await connect(url)
  await act(await connection.createChannel())
  await connection.close()
}

const timers = (): number => getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
