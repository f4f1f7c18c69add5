import type { Shop } from '@argosy/test/fleet/shop'
import type { Books } from '@argosy/test/laws/books'
import { openSession } from '@kit/postgres/session'
import { setTimeout as pause } from 'node:timers/promises'
import { buyAlone, type Bought, type Lone } from './lone.ts'
import { percentilesOf, type Percentiles } from './percentiles.ts'
import { judge, type Tell, type Verdict } from './purchases.ts'
import { setStage, type Stage } from './stage.ts'
import { openStand, scratchFolder } from './stand.ts'
import { areWaiting, lettersTo, remindersOf, seedOrders, startTimers } from './timers-seed.ts'

export type TimersOptions = {
  /** Timers of unpaid orders that are due at the same moment. */
  readonly timers: number
  readonly products: number
  /** Purchases made one after the other while nothing else happens, to compare with. */
  readonly lone: number
}

export type TimersResult = {
  readonly options: TimersOptions
  readonly drained_after_seconds: number
  readonly drained_per_second: number
  /** Until the last reminder was in the mailbox. */
  readonly mailed_after_seconds: number
  readonly idle: Lone
  /** Purchases made one after the other while the timers were drained, and while their mail was written as well. */
  readonly meanwhile: Lone
  readonly until_mailed: Lone
  readonly p99_ratio: number
  /** Milliseconds between due and done of single timers, with nothing else to do. */
  readonly at_rest: Percentiles
} & Verdict

/** Seconds in which autovacuum comes to rest and purchases to compare with are made, before the timers are due. */
const PREPARATION = 75

/** How many single timers are waited for, and how far apart they are due, in ms: never in step with a poll. */
const SINGLE = 40
const APART = 730

/** Lets many timers become due at once, and looks at what that does to somebody who buys meanwhile. */
export const measureTimers = async (options: TimersOptions, tell: Tell): Promise<TimersResult> => {
  using scratch = scratchFolder()
  await using stand = await openStand(scratch.path)
  await using session = await openSession(stand.url, { patience: 600_000 })
  const { shop, books } = stand
  const stage = await setStage(shop, options.products)
  const buyers = stage.buyers.map(({ id }) => id)

  const warm = await buyAlone(shop, books, stage, 50)
  await seedOrders(session, 'seed', options.timers, buyers)
  const due = await startTimers(session, 'seed', PREPARATION, 0)
  tell(`${options.timers} unpaid orders stand ready`)
  await books.atRest()
  const before = await buyAlone(shop, books, stage, options.lone)
  tell(`p99 of a lone purchase ${before.lone.completed.p99.toFixed(0)} ms`)

  if (Date.now() > due)
    throw new Error('the timers were due before all was ready: fewer purchases to compare with, please')
  // The costly look, over all timers, only when none waits any more: it would be felt itself.
  const drained = async (): Promise<boolean> =>
    !(await areWaiting(session, due)) && (await remindersOf(session, 'seed')).told === options.timers
  const during = await buyUntil(shop, books, stage, due, drained)
  const { last, told } = await remindersOf(session, 'seed')
  const seconds = (last - due) / 1000
  tell(`${told} timers drained in ${seconds.toFixed(1)} s`)
  const mails = async (): Promise<boolean> => (await lettersTo(session, 'seed')).all >= options.timers
  const mailed = await buyUntil(shop, books, stage, due, mails)
  const mailedAfter = (Date.now() - due) / 1000
  tell(`their mail was written after ${mailedAfter.toFixed(1)} s`)
  await books.atRest()

  await seedOrders(session, 'single', SINGLE, buyers)
  await startTimers(session, 'single', 5, APART)
  tell(`${SINGLE} single timers, one by one`)
  while ((await remindersOf(session, 'single')).told < SINGLE) await pause(1_000)
  const { late } = await remindersOf(session, 'single')

  tell('checking the laws')
  const ids = [...warm.ids, ...before.ids, ...during.ids, ...mailed.ids]
  const { twice } = await lettersTo(session, 'seed')
  const verdict = await judge(
    stand,
    ids.map((id) => ({ id, status: 201, sent: 0, took: 0 })),
  )
  return {
    options,
    drained_after_seconds: seconds,
    drained_per_second: options.timers / seconds,
    mailed_after_seconds: mailedAfter,
    idle: before.lone,
    meanwhile: during.lone,
    until_mailed: mailed.lone,
    p99_ratio: during.lone.completed.p99 / before.lone.completed.p99,
    at_rest: percentilesOf(late),
    ...verdict,
    violations: [...verdict.violations, ...(twice === 0 ? [] : [`reminders: ${twice} orders were reminded of twice`])],
  }
}

/** How long without news until it is given up, in ms. */
const PATIENCE = 300_000

/** Buys one after the other from `due` on until something has come true, which is looked at now and then. */
const buyUntil = async (
  shop: Shop,
  books: Books,
  stage: Stage,
  due: number,
  isTrue: () => Promise<boolean>,
): Promise<Bought> => {
  await pause(Math.max(0, due - Date.now()))
  let over = false
  const looking = (async () => {
    while (!(await isTrue())) {
      if (Date.now() > due + PATIENCE) throw new Error('the timers, or their mail, do not come to an end')
      await pause(500)
    }
  })().finally(() => {
    over = true
  })
  const [bought] = await Promise.all([buyAlone(shop, books, stage, Number.POSITIVE_INFINITY, () => over), looking])
  return bought
}
