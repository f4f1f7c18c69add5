import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { markFault } from '@kit/fault/fault'
import { openSession } from '@kit/postgres/session'
import { fixedPlatform } from '@kit/platform/fixed'
import { listDeadJobs } from './dead-jobs.ts'
import { worker } from './job.ts'
import { press, Print, type Press } from './test-jobs.ts'

const retry = { attempts: 1, firstDelay: 1_000, maxDelay: 10_000 }

test('while a try goes on its lease is renewed, and nobody else is given the job', async () => {
  await using shop = await press()
  const gate = Promise.withResolvers<void>()
  const tries: number[] = []
  const slow = worker({
    job: Print,
    concurrency: 1,
    perform: async (_data, { number }) => {
      tries.push(number)
      await gate.promise
    },
    finish: async () => [],
  })
  const lease = 400
  await using runner = shop.runner(slow, undefined, { lease })
  runner.start()
  await shop.ask(Print({ id: 'a', text: 'x' }))
  runner.wake()
  const first = await changed(shop, (due) => tries.length > 0 && due !== undefined)
  const other = shop.runner(slow, undefined, { lease })
  // Until the lease would have run out twice over.
  await changed(shop, (due) => (due ?? 0) > (first ?? 0) + 2 * lease)
  assert.equal(await other.drain(), false)
  assert.deepEqual(tries, [1])
  gate.resolve()
  await changed(shop, (due) => due === undefined)
})

test('a try that takes too long has failed, even when it does not listen', async () => {
  await using shop = await press()
  const never = new Promise<void>(() => undefined)
  let aborted = false
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 1,
      retry,
      perform: async (_data, { signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true
        })
        await never
      },
      finish: async () => [],
    }),
    undefined,
    { try: 50 },
  )
  await shop.ask(Print({ id: 'a', text: 'x' }))
  await runner.drain()
  assert.equal(aborted, true)
  assert.deepEqual(
    (await listDeadJobs(shop.db)).map(({ reason }) => reason),
    ['Error: the try took too long and was given up'],
  )
})

test('a clock that was ahead for a moment does not end later tries before they begin', async () => {
  await using shop = await press()
  const aborted: boolean[] = []
  let texts = 0
  const runner = shop.runner(
    worker({
      job: Print,
      concurrency: 1,
      retry,
      perform: async (_data, { signal }) => {
        if (texts++ === 0) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        aborted.push(signal.aborted)
      },
      finish: async () => [],
    }),
    undefined,
    { try: 100 },
  )
  const real = Date.now.bind(Date)
  mock.method(Date, 'now', () => real() + 7_200_000)
  try {
    await shop.ask(Print({ id: 'a', text: 'while it is ahead' }))
    await runner.drain()
  } finally {
    mock.restoreAll()
  }
  await shop.ask(Print({ id: 'b', text: 'once it is right again' }))
  await runner.drain()
  assert.deepEqual(aborted, [true, false])
})

test('a job that kills its process again and again becomes a dead letter', async () => {
  await using shop = await press()
  let begun = 0
  const printing = worker({
    job: Print,
    concurrency: 1,
    retry,
    perform: async () => {
      begun++
    },
    finish: async () => [],
  })
  // What it leads to never reaches the database.
  const dying = fixedPlatform({ now: new Date(), failpoint: (name) => name === 'job.before-commit' && die() })
  await shop.ask(Print({ id: 'a', text: 'x' }))
  for (let n = 0; n < 20 && (await shop.count())?.alive === 1; n++) {
    const runner = shop.runner(printing, begun < 6 ? dying : undefined)
    await runner.drain().catch(() => undefined)
    await shop.hurry()
  }
  assert.equal(begun, 6, 'tries whose end was not recorded')
  assert.match((await listDeadJobs(shop.db))[0]?.reason ?? '', /its tries begin and do not end/)
})

test('what is given back at shutdown has not been tried', async () => {
  await using shop = await press()
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const tries: number[] = []
  const printing = worker({
    job: Print,
    concurrency: 1,
    retry,
    perform: async (_data, { number }) => {
      tries.push(number)
      begun.resolve()
      await gate.promise
    },
    finish: async () => [],
  })
  const runner = shop.runner(printing)
  runner.start()
  shop.hire(runner)
  await shop.ask(Print({ id: 'a', text: 'x' }))
  await begun.promise
  await shop.ask(Print({ id: 'b', text: 'waits' }))
  const closed = runner[Symbol.asyncDispose]()
  gate.resolve()
  await closed
  await shop.runner(printing).drain()
  assert.deepEqual(tries, [1, 1])
})

test('what cannot be recorded at shutdown is left to the next, once its lease has run out', async () => {
  await using shop = await press()
  const performed = Promise.withResolvers<void>()
  let times = 0
  const printing = worker({
    job: Print,
    concurrency: 1,
    retry,
    perform: async () => {
      times++
      performed.resolve()
    },
    finish: async () => [],
  })
  const away = fixedPlatform({ now: new Date(), failpoint: (name) => name === 'job.before-commit' && die() })
  const runner = shop.runner(printing, away, { lease: 200 })
  runner.start()
  await shop.ask(Print({ id: 'a', text: 'x' }))
  runner.wake()
  await performed.promise
  await assert.rejects(async () => runner[Symbol.asyncDispose](), /died/)
  const next = shop.runner(printing)
  // Renewed for ever, it would never be due.
  while (!(await next.drain()));
  assert.equal(times, 2)
})

test('a job that somebody has locked for good keeps back neither the ends of others nor their leases', async () => {
  await using shop = await press()
  const finished: string[] = []
  let begun = 0
  const locked = Promise.withResolvers<void>()
  const printing = worker({
    job: Print,
    concurrency: 8,
    retry,
    perform: async () => {
      begun++
      await locked.promise
    },
    finish: async (done, tx) => {
      tx.afterCommit(() => void finished.push(...done.map(({ data }) => data.id)))
      return []
    },
  })
  await using runner = shop.runner(printing)
  runner.start()
  await shop.ask(...['a', 'b', 'c'].map((id) => Print({ id, text: 'x' })))
  runner.wake()
  await until('all have begun', () => begun === 3)
  await using other = await openSession(shop.url)
  await other.query('begin')
  await other.query('select id from press.job order by id limit 1 for update')
  locked.resolve()
  // Those that are free, after the time that a lock is waited for.
  await until('two are finished', () => finished.length === 2)
  await other.query('rollback')
  await until('the third is finished', () => finished.length === 3)
})

const until = async (what: string, held: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = performance.now() + 20_000; !(await held()); await sleep(20))
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`)
}

const die = (): never => {
  throw markFault(new Error('died'), 'transient')
}

/** Looks until it holds. */
const changed = async (shop: Press, held: (due: number | undefined) => boolean): Promise<number | undefined> => {
  for (;;) {
    const due = await shop.due()
    if (held(due)) return due
  }
}
