import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { buyNormally, countOf, stretchOf, toEnd, type Ends, type Stretch } from './normal-load.ts'
import { cpuSeconds } from './processes.ts'
import { percentilesOf, type Percentiles } from './percentiles.ts'
import { judge, type Tell, type Verdict } from './purchases.ts'
import { startFlood, type Flood } from './run-flood.ts'
import { offersTo, setStage, type Stage } from './stage.ts'
import { openBench, openStand, scratchFolder, type Stand } from './stand.ts'
import { measureWindow } from './window.ts'

export type OverloadOptions = {
  readonly seconds: number
  readonly warmup: number
  readonly connections: number
  readonly products: number
  /** Purchases offered per second; absent: `times` what the shop completes at most. */
  readonly rate?: number
  readonly times: number
  /** Every request has an Idempotency-Key of its own. */
  readonly keyed: boolean
}

export type OverloadResult = {
  readonly options: OverloadOptions
  /** Purchases completed per second when each client asks again as soon as it has its answer. */
  readonly most_per_second: number
  readonly offered_per_second: number
  readonly offered: number
  readonly accepted: number
  /** Answered by 503. */
  readonly shed: number
  /** All other answers, by status; 0 is none. */
  readonly others: Readonly<Record<string, number>>
  readonly completed_per_second: number
  /** Completed under overload over completed at most. */
  readonly ratio: number
  /** Milliseconds until the answer, of those that were accepted and of those that were not. */
  readonly acceptance: Percentiles
  readonly refusal: Percentiles
  readonly request_to_completed: Percentiles
  readonly peak_memory_mb: number
  /** 5 s of normal load: before the overload, and from 5 to 10 s after it. */
  readonly normal_before: Stretch
  readonly normal_after: Stretch
  /** Seconds after the overload until the last purchase had ended that was accepted in it. */
  readonly last_ended_after_seconds: number
  /** Purchases of the whole run that were answered by 201, and how many of them have ended. */
  readonly acknowledged: number
  readonly ended: number
  /** Accepted purchases that did not complete, by the reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** Share of a core, while it was offered. */
  readonly cores: { readonly fleet: number; readonly load: number }
  /** How late the generator sent a request at most, in ms. */
  readonly load_late_ms: number
} & Verdict

/** Connections of the flood: so many customers may wait at once without one standing behind another. */
const CUSTOMERS = 1_000
/** Share of what the shop completes at most. */
const NORMAL = 0.5
/** How long after the load purchases may be open, in ms; those that are open then are told as such. */
const PATIENCE = 300_000

/** Offers more than the shop can do, then normal load, and looks at what becomes of those whom it has accepted. */
export const measureOverload = async (options: OverloadOptions, tell: Tell): Promise<OverloadResult> => {
  using scratch = scratchFolder()
  await using stand = await openStand(scratch.path)
  const stage = await setStage(stand.shop, options.products)
  const seconds = Math.min(options.seconds, 15)
  const { window, requests: first } = await measureWindow(stand, stage, { ...options, seconds, hot: false })
  const most = window.completed_per_second
  const before = await buyNormally(stand, stage, options.connections, most * NORMAL)
  await drained(stand)
  const rate = options.rate ?? Math.round(most * options.times)
  tell(`${Math.round(most)}/s completed at most; now ${rate}/s are offered for ${options.seconds} s`)

  const used = cpuSeconds(stand.fleet.pid)
  const { over, answered } = startFlood(planOf(stand, stage, options, rate))
  await over
  const fleet = (cpuSeconds(stand.fleet.pid) - used) / options.seconds
  tell(`${Math.round(most * NORMAL)}/s are offered from now on`)
  const after = await buyNormally(stand, stage, options.connections, most * NORMAL)
  const flood = await answered
  await drained(stand)

  tell(`${flood.requests.length} offered; checking the laws`)
  const all = [...first, ...before.requests, ...flood.requests, ...after.requests]
  const ends = await stand.books.ends()
  const reasons = await reasonsOf(stand.url)
  const verdict = await judge(stand, all)
  const acknowledged = all.flatMap(({ id }) => id ?? [])
  const figures = figuresOf(flood, ends)
  return {
    options,
    most_per_second: most,
    ...figures,
    ratio: figures.completed_per_second / most,
    peak_memory_mb: peakMemory(stand.fleet.pid),
    normal_before: stretchOf(before.requests, before.from, ends),
    normal_after: stretchOf(after.requests, flood.summary.to, ends),
    acknowledged: acknowledged.length,
    ended: acknowledged.filter((id) => ends.has(id)).length,
    reasons,
    cores: { fleet, load: flood.summary.cpu / options.seconds },
    load_late_ms: flood.summary.latest,
    ...verdict,
    violations: [...verdict.violations, ...Object.entries(reasons).map(([why, n]) => `overload: ${n} x ${why}`)],
  }
}

const planOf = ({ fleet, scratch }: Stand, stage: Stage, { seconds, keyed }: OverloadOptions, rate: number) => ({
  ...offersTo(fleet.url, stage, false),
  file: `${scratch}/flood.txt`,
  connections: CUSTOMERS,
  keyed,
  rate,
  seconds,
})

const figuresOf = ({ summary, requests }: Flood, ends: Ends) => {
  const seconds = (summary.to - summary.from) / 1000
  const completed = [...ends.values()].filter(
    ({ status, at }) => status === 'completed' && at >= summary.from && at < summary.to,
  )
  const accepted = requests.filter(({ status }) => status === 201)
  const { 201: _, 503: shed = 0, ...others } = countOf(requests)
  const lastEnd = accepted.reduce((last, { id }) => Math.max(last, ends.get(id ?? '')?.at ?? 0), summary.to)
  return {
    offered: summary.offered,
    offered_per_second: summary.offered / seconds,
    accepted: accepted.length,
    shed,
    others,
    completed_per_second: completed.length / seconds,
    acceptance: percentilesOf(accepted.map(({ took }) => took)),
    refusal: percentilesOf(requests.filter(({ status }) => status !== 201).map(({ took }) => took)),
    request_to_completed: percentilesOf(toEnd(accepted, ends)),
    last_ended_after_seconds: (lastEnd - summary.to) / 1000,
  }
}

const drained = async ({ books }: Stand): Promise<void> => {
  const deadline = performance.now() + PATIENCE
  while ((await books.openSagas()) > 0 && performance.now() < deadline) await pause(100)
}

const reasonsOf = async (url: string): Promise<Readonly<Record<string, number>>> => {
  await using session = await openBench(url)
  const rows = await session.query<{ why: string; n: number }>(
    `select concat_ws(', ', status, step, state -> 'failure' ->> 'reason') as why, count(*)::int as n
       from purchase.saga where status <> 'completed' group by 1`,
  )
  return Object.fromEntries(rows.map(({ why, n }) => [why, n]))
}

/** The most resident memory that the process has ever had. */
const peakMemory = (pid: number): number =>
  Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000)
