import type { Session } from '@kit/postgres/session'
import { nextSlot, storeCopies } from './growth-seed.ts'
import { judge, type Tell, type Verdict } from './purchases.ts'
import { inWindow, runLoad, type Sent } from './run-load.ts'
import { offersTo, setStage, type Stage } from './stage.ts'
import { openBench, openStand, scratchFolder, type Stand } from './stand.ts'
import { drained } from './window.ts'
import { watchTables } from './written.ts'

export type GrowthOptions = {
  /** How many purchases shall be stored in the end. */
  readonly purchases: number
  /** Instead of buying them all, so many are stored by SQL between two windows and two more. */
  readonly stored?: number
  readonly seconds: number
  readonly warmup: number
  readonly connections: number
  readonly products: number
}

export type GrowthResult = {
  readonly options: GrowthOptions
  /** One after the other, without a pause other than for storing. */
  readonly windows: readonly GrowthWindow[]
  /** Purchases per second: the mean of the first windows and of the last ones, a tenth of all each, or two and two. */
  readonly first_per_second: number
  readonly last_per_second: number
  readonly ratio: number
  /** Open when the last window was over. */
  readonly backlog: number
  /** What storing by SQL has taken. */
  readonly storing_seconds?: number
} & Verdict

export type GrowthWindow = { readonly stored: number; readonly accepted_per_second: number }

/** Does a purchase cost more when the tables are large? */
export const measureGrowth = async (options: GrowthOptions, tell: Tell): Promise<GrowthResult> => {
  using scratch = scratchFolder()
  await using stand = await openStand(scratch.path)
  const stage = await setStage(stand.shop, options.products)
  const measure =
    options.stored === undefined
      ? buyAll(options, stand, stage, tell)
      : storeMost(options, options.stored, stand, stage, tell)
  return { options, ...(await measure) }
}

type Measured = Omit<GrowthResult, 'options'>

const buyAll = async (options: GrowthOptions, stand: Stand, stage: Stage, tell: Tell): Promise<Measured> => {
  const sent: Sent[] = []
  const windows: GrowthWindow[] = []
  while (sent.length < options.purchases) windows.push(await buy(options, stand, stage, sent, sent.length, tell))
  const backlog = await stand.books.openSagas()
  await drained(stand.books.openSagas)
  tell('checking the laws')
  return { ...compared(windows, Math.ceil(windows.length / 10)), backlog, ...(await judge(stand, sent)) }
}

/** The laws are checked before: a check of millions of copies would only say that they are copies. */
const storeMost = async (
  options: GrowthOptions,
  stored: number,
  stand: Stand,
  stage: Stage,
  tell: Tell,
): Promise<Measured> => {
  const { books, url } = stand
  await using first = await openBench(url)
  await using second = await openBench(url)
  tell('waiting for ids that begin otherwise than those of the stage, for a minute at most')
  await nextSlot()
  const watch = await watchTables(first)
  const [before, after]: [Sent[], Sent[]] = [[], []]
  const windows: GrowthWindow[] = []
  for (let n = 0; n < 2; n++) windows.push(await buy(options, stand, stage, before, before.length, tell))
  await drained(books.openSagas)
  tell('checking the laws')
  const verdict = await judge(stand, before)

  const { writes } = await watch.writtenPer(await books.ended())
  const from = performance.now()
  const all = await storeCopies([first, second], writes, stored, tell)
  const seconds = (performance.now() - from) / 1000
  tell(`${all} purchases are stored after ${seconds.toFixed(0)} s`)
  for (let n = 0; n < 2; n++) windows.push(await buy(options, stand, stage, after, all + after.length, tell))
  const backlog = await books.openSagas()
  await drained(books.openSagas)
  const late = await endsOf(first, after)
  return {
    ...compared(windows, 2),
    backlog,
    storing_seconds: seconds,
    outcomes: added(verdict.outcomes, late.outcomes),
    violations: [...verdict.violations, ...late.violations],
  }
}

/** How the accepted ones among them have ended. */
const endsOf = async (session: Session, sent: readonly Sent[]): Promise<Verdict> => {
  const accepted = sent.flatMap(({ id }) => id ?? [])
  const rows = await session.query<{ status: string; n: number }>(
    'select status, count(*)::int as n from purchase.saga where id = any ($1::uuid[]) group by 1',
    [accepted],
  )
  const outcomes = Object.fromEntries(rows.map(({ status, n }) => [status, n]))
  const others = accepted.length - (outcomes['completed'] ?? 0)
  const violations = others === 0 ? [] : [`${others} purchases accepted beside the stored ones did not complete`]
  return { outcomes, violations }
}

const added = (some: Verdict['outcomes'], more: Verdict['outcomes']): Verdict['outcomes'] => {
  const names = [...new Set([...Object.keys(some), ...Object.keys(more)])]
  return Object.fromEntries(names.map((name) => [name, (some[name] ?? 0) + (more[name] ?? 0)]))
}

/** One window; what it sends is added to `sent`. */
const buy = async (
  { connections, seconds, warmup }: GrowthOptions,
  { fleet, scratch, look }: Stand,
  stage: Stage,
  sent: Sent[],
  stored: number,
  tell: Tell,
): Promise<GrowthWindow> => {
  const plan = {
    ...offersTo(fleet.url, stage, false),
    file: `${scratch}/requests.txt`,
    connections,
    seconds,
    warmup,
  }
  const run = await runLoad(plan, look)
  const accepted = inWindow(run).filter(({ id }) => id !== undefined).length / seconds
  for (const one of run.requests) sent.push(one)
  tell(`${stored} stored: ${Math.round(accepted)}/s`)
  return { stored, accepted_per_second: accepted }
}

/** So many of the first windows beside as many of the last. */
const compared = (windows: readonly GrowthWindow[], some: number) => {
  const rates = windows.map(({ accepted_per_second }) => accepted_per_second)
  const [first, last] = [mean(rates.slice(0, some)), mean(rates.slice(-some))]
  return { windows, first_per_second: first, last_per_second: last, ratio: last / first }
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
