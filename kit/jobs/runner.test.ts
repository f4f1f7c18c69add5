import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markFault } from '@kit/fault/fault'
import { fixedPlatform } from '@kit/platform/fixed'
import { sql } from '@kit/postgres/statement'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { discardDeadJob, listDeadJobs, replayDeadJob } from './dead-jobs.ts'
import { forgetOldKeys } from './dedupe-retention.ts'
import { PermanentFailure, worker } from './job.ts'
import { watchJobs } from './metrics.ts'
import { Bind, press, Print } from './test-jobs.ts'

const countKeys = sql<{ keys: number }>(import.meta.url, 'test-count-keys.sql')
const retry = { attempts: 3, firstDelay: 1_000, maxDelay: 10_000 }

test('a job is performed once, and ends in the transaction that records it', async () => {
  await using shop = await press()
  const performed: string[] = []
  const finished: string[] = []
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 4,
      perform: async ({ text }) => performed.push(text),
      finish: async (done) => {
        finished.push(...done.map(({ data }) => data.text))
        return []
      },
    }),
  )
  await shop.ask(Print({ id: 'a', text: 'one' }), Print({ id: 'b', text: 'two' }))
  await runner.drain()
  assert.deepEqual(
    [performed.sort(), finished.sort()],
    [
      ['one', 'two'],
      ['one', 'two'],
    ],
  )
  assert.deepEqual(await shop.count(), { alive: 0, dead: 0 })
})

test('what a worker logs carries the trace and the story that the job belongs to', async () => {
  await using shop = await press()
  const lines: Readonly<Record<string, unknown>>[] = []
  const log = openLog({ level: 'info', to: { write: (line) => void lines.push(JSON.parse(line)) } })
  const trace_id = '0af7651916cd43dd8448eb211c80319c'
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 1,
      perform: async () => log.info({}, 'performing'),
      finish: async () => {
        log.info({}, 'finishing')
        return []
      },
    }),
  )
  const cause = { correlationid: 'p1', traceparent: `00-${trace_id}-b7ad6b7169203331-01` }
  await shop.db.transaction(async (tx) => shop.send(tx, [Print({ id: 'a', text: 'one' })], () => cause))
  await runner.drain()
  assert.deepEqual(
    lines.map(({ msg, trace_id, correlation_id }) => [msg, trace_id, correlation_id]),
    [
      ['performing', trace_id, 'p1'],
      ['finishing', trace_id, 'p1'],
    ],
  )
})

test('its jobs are told by type: those that are due, those to be tried again, the dead', async () => {
  await using shop = await press()
  const metrics = openMetrics()
  watchJobs('press', [Print.type], shop.db, metrics)
  const told = async () =>
    [...(await metrics.text()).matchAll(/^argosy_jobs_(\w+)\{service="press",type="press.print"\} (.+)$/gm)].map(
      ([, name, value]) => `${name} ${name === 'oldest_seconds' ? Number(value) > 0 : value}`,
    )
  assert.deepEqual(await told(), ['waiting 0', 'oldest_seconds false', 'retrying 0', 'dead 0'])
  await shop.ask(Print({ id: 'a', text: 'one' }), Print({ id: 'b', text: 'two' }))
  await shop.ask({ ...Print({ id: 'later', text: 'three' }), runAt: new Date(Date.now() + 7_200_000) })
  assert.deepEqual(await told(), ['waiting 2', 'oldest_seconds true', 'retrying 0', 'dead 0'])
  const perform = async (): Promise<string> => {
    throw new Error('no paper')
  }
  const runner = shop.runner(
    worker({ job: Print, concurrency: 4, retry: { ...retry, attempts: 2 }, perform, finish: async () => [] }),
  )
  await runner.drain()
  assert.deepEqual(await told(), ['waiting 0', 'oldest_seconds false', 'retrying 2', 'dead 0'])
  await shop.hurry()
  await runner.drain()
  assert.match((await told()).join(), /^waiting 0,oldest_seconds false,retrying \d,dead [23]$/)
})

test('a job whose transaction rolled back does not exist', async () => {
  await using shop = await press()
  await assert.rejects(
    shop.db.transaction(async () => {
      throw new Error('no')
    }),
  )
  assert.deepEqual(await shop.count(), { alive: 0, dead: 0 })
})

test('a failed try is repeated later, then parked with its reason; a replay gives it all its tries again', async () => {
  await using shop = await press()
  const tries: number[] = []
  let mended = false
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 1,
      retry,
      perform: async (_data, { number }) => {
        tries.push(number)
        if (!mended) throw new Error('out of ink')
      },
      finish: async () => [],
    }),
  )
  await shop.ask(Print({ id: 'a', text: 'x' }))
  for (let i = 0; i < 5; i++) {
    await runner.drain()
    await shop.hurry()
  }
  assert.deepEqual(tries, [1, 2, 3])
  const [dead] = await listDeadJobs(shop.db)
  assert.equal(dead?.reason, 'Error: out of ink')
  mended = true
  assert.equal(await replayDeadJob(shop.db, dead?.id ?? ''), true)
  await runner.drain()
  assert.deepEqual(tries, [1, 2, 3, 1])
  assert.deepEqual(await shop.count(), { alive: 0, dead: 0 })
})

test('a job does not die of what is no fault of its own, however often it is tried', async () => {
  await using shop = await press()
  const away = markFault(new Error('column "ink" does not exist'), 'systematic')
  let fails: Error | undefined = away
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 1,
      retry,
      perform: async () => undefined,
      finish: async () => {
        if (fails !== undefined) throw fails
        return []
      },
    }),
  )
  const tryOften = async (): Promise<void> => {
    for (let i = 0; i <= retry.attempts; i++) {
      await runner.drain()
      await shop.hurry()
    }
  }
  await shop.ask(Print({ id: 'a', text: 'x' }), Print({ id: 'b', text: 'y' }))
  await tryOften()
  assert.deepEqual(await shop.count(), { alive: 2, dead: 0 })
  fails = undefined
  await runner.drain()
  assert.deepEqual(await shop.count(), { alive: 0, dead: 0 })
  fails = new Error('out of ink')
  await shop.ask(Print({ id: 'c', text: 'z' }))
  await tryOften()
  assert.deepEqual(await shop.count(), { alive: 0, dead: 1 })
})

test('a failed try waits for its delay', async () => {
  await using shop = await press()
  let tries = 0
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 1,
      retry,
      perform: async (): Promise<void> => {
        tries++
        throw new Error('busy')
      },
      finish: async () => [],
    }),
  )
  await shop.ask(Print({ id: 'a', text: 'x' }))
  await runner.drain()
  await runner.drain()
  assert.equal(tries, 1)
  assert.deepEqual(await shop.count(), { alive: 1, dead: 0 })
})

test('a permanent failure and one whose data does not fit are parked at once, and can be discarded', async () => {
  await using shop = await press()
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 2,
      perform: async (): Promise<void> => {
        throw new PermanentFailure('no such printer')
      },
      finish: async () => [],
    }),
  )
  await shop.ask(Print({ id: 'a', text: 'x' }), { ...Print({ id: 'b', text: 'x' }), data: { id: 'b' } })
  await runner.drain()
  const dead = await listDeadJobs(shop.db)
  assert.equal(dead.length, 2)
  for (const { id } of dead) assert.equal(await discardDeadJob(shop.db, id), true)
  assert.deepEqual(await shop.count(), { alive: 0, dead: 0 })
})

test('a second request with the same dedupe key is dropped, even after the first has run', async () => {
  await using shop = await press()
  let performed = 0
  const runner = shop.runner(
    worker({ job: Print, concurrency: 1, perform: async () => performed++, finish: async () => [] }),
  )
  await shop.ask(Print({ id: 'a', text: 'x' }, { dedupe: 'a/x' }), Print({ id: 'a', text: 'x' }, { dedupe: 'a/x' }))
  await runner.drain()
  await shop.ask(Print({ id: 'a', text: 'x' }, { dedupe: 'a/x' }))
  await runner.drain()
  assert.equal(performed, 1)
})

test('a dedupe key is forgotten when it is old', async () => {
  await using shop = await press()
  const log = openLog({ level: 'silent' })
  const keys = async (): Promise<number> => Number((await shop.db.query(countKeys))[0]?.keys)
  await shop.ask(Print({ id: 'a', text: 'x' }, { dedupe: 'a/x' }))
  // The first step of a loop is done before it is closed.
  await forgetOldKeys(shop.db, log)[Symbol.asyncDispose]()
  assert.equal(await keys(), 1)
  await forgetOldKeys(shop.db, log, 0)[Symbol.asyncDispose]()
  assert.equal(await keys(), 0)
})

test('a worker that dies between the outside call and its record calls again with the same id', async () => {
  await using shop = await press()
  const ids: string[] = []
  const press_ = worker({
    job: Print,
    concurrency: 1,
    perform: async (_data, { id }) => ids.push(id),
    finish: async () => [],
  })
  await shop.ask(Print({ id: 'a', text: 'x' }))
  // Its results never reach the database, and nobody hears of it again.
  const failpoint = (name: string): void => {
    if (name === 'job.before-commit') throw markFault(new Error('died'), 'transient')
  }
  await assert.rejects(shop.runner(press_, fixedPlatform({ now: new Date(), failpoint })).drain(), /died/)
  await shop.hurry()
  await shop.runner(press_).drain()
  assert.equal(ids.length, 2)
  assert.equal(new Set(ids).size, 1)
  assert.deepEqual(await shop.count(), { alive: 0, dead: 0 })
})

test('a try whose lease was taken over says nothing', async () => {
  await using shop = await press()
  const gate = Promise.withResolvers<void>()
  const finished: string[] = []
  let first = true
  const slow = worker({
    job: Print,
    concurrency: 1,
    perform: async () => {
      if (!first) return 'second'
      first = false
      await gate.promise
      return 'first'
    },
    finish: async (done, tx) => {
      tx.afterCommit(() => finished.push(...done.map(({ result }) => result)))
      return []
    },
  })
  await shop.ask(Print({ id: 'a', text: 'x' }))
  const zombie = shop.runner(slow).drain()
  while (first) await shop.count()
  await shop.hurry()
  await shop.runner(slow).drain()
  gate.resolve()
  await zombie
  assert.deepEqual(finished, ['second'])
})

test('one job that cannot be recorded does not hold back the others', async () => {
  await using shop = await press()
  const finished: string[] = []
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 10,
      retry,
      perform: async ({ text }) => text,
      finish: async (done) => {
        if (done.some(({ result }) => result === 'bad')) throw new Error('cannot be written')
        finished.push(...done.map(({ result }) => result))
        return []
      },
    }),
  )
  await shop.ask(...['1', 'bad', '2'].map((text) => Print({ id: text, text })))
  await runner.drain()
  assert.deepEqual(finished.sort(), ['1', '2'])
  assert.deepEqual(await shop.count(), { alive: 1, dead: 0 })
})

test('a started worker takes a job right after the commit, without a claim', async () => {
  await using shop = await press()
  const printed = Promise.withResolvers<number>()
  await using runner = shop.runner(
    worker({
      job: Print,
      concurrency: 1,
      perform: async (_data, { number }) => printed.resolve(number),
      finish: async () => [],
    }),
  )
  runner.start()
  shop.hire(runner)
  await shop.ask(Print({ id: 'a', text: 'x' }))
  assert.equal(await printed.promise, 1)
})

test('a try that cannot be postponed becomes a dead letter, and the others are recorded', async () => {
  await using shop = await press()
  // Twice as long is more than PostgreSQL's integers hold.
  const weeks = { attempts: 9, firstDelay: 1_200_000_000, maxDelay: 1e12 }
  const finished: string[] = []
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 10,
      retry: weeks,
      perform: async ({ text }) => {
        if (text.startsWith('bad')) throw new Error('out of ink')
      },
      finish: async (done) => {
        finished.push(...done.map(({ data }) => data.text))
        return []
      },
    }),
  )
  await shop.ask(Print({ id: 'a', text: 'bad for long' }))
  await runner.drain()
  await shop.hurry()
  await shop.ask(Print({ id: 'b', text: 'bad for once' }), Print({ id: 'c', text: 'good' }))
  await runner.drain()
  // Twice when it was first written together with the guilty one, and rolled back.
  assert.deepEqual([...new Set(finished)], ['good'])
  assert.deepEqual(await shop.count(), { alive: 1, dead: 1 })
  assert.match((await listDeadJobs(shop.db))[0]?.reason ?? '', /out of ink; and a further try cannot be arranged/)
})

test('a kind of job of which only one may be done at once does not hold back the others', async () => {
  await using shop = await press()
  const all = Promise.withResolvers<void>()
  let printing = 0
  let binding = 0
  let most = 0
  const runner = shop.runner([
    worker({
      job: Bind,
      concurrency: 1,
      perform: async () => {
        most = Math.max(most, ++binding)
        await all.promise
        binding--
      },
      finish: async () => [],
    }),
    worker({
      job: Print,
      concurrency: 10,
      perform: async () => {
        if (++printing === 10) all.resolve()
        await all.promise
      },
      finish: async () => [],
    }),
  ])
  const prints = Array.from({ length: 10 }, (_, n) => Print({ id: `print ${n}`, text: 'x' }))
  await shop.ask(...prints)
  await shop.ask(Bind({ id: 'one' }), Bind({ id: 'two' }))
  await runner.drain()
  assert.equal(most, 1)
  assert.deepEqual(await shop.count(), { alive: 0, dead: 0 })
})
