import { openSession } from '@kit/postgres/session'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { buyOne } from './lone.ts'
import { percentilesOf, type Percentiles } from './percentiles.ts'
import { cpuSeconds } from './processes.ts'
import { judge, type Tell, type Verdict } from './purchases.ts'
import { runFlood, type Flood } from './run-flood.ts'
import type { Sent } from './run-load.ts'
import { bodiesFor, setStage, type Stage } from './stage.ts'
import { openStand, scratchFolder, type Stand } from './stand.ts'
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
  readonly statuses: Readonly<Record<string, number>>
  readonly completed_per_second: number
  /** Completed under overload over completed at most. */
  readonly ratio: number
  /** Milliseconds until the answer, of those that were accepted and of those that were not. */
  readonly accepted: Percentiles
  readonly refused: Percentiles
  readonly request_to_completed: Percentiles
  readonly peak_memory_mb: number
  /** Seconds after the last request until nothing was open, and until a lone purchase took as long as before. */
  readonly at_rest_after_seconds: number
  readonly normal_after_seconds: number
  /** Accepted purchases that did not complete, by the reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** Share of a core, while it was offered. */
  readonly cores: { readonly fleet: number; readonly load: number }
  /** How late the generator sent a request at most, in ms. */
  readonly load_late_ms: number
} & Verdict

/** Connections of the flood: so many customers may wait at once without one standing behind another. */
const CUSTOMERS = 1_000

/** Offers more than the shop can do, and looks at what becomes of those whom it has accepted. */
export const measureOverload = async (options: OverloadOptions, tell: Tell): Promise<OverloadResult> => {
  using scratch = scratchFolder()
  await using stand = await openStand(scratch.path)
  const stage = await setStage(stand.shop, options.products)
  const { window, requests: before } = await measureWindow(stand, stage, {
    ...options,
    seconds: Math.min(options.seconds, 15),
    hot: false,
  })
  const most = window.completed_per_second
  const usual = []
  for (let n = 0; n < 30; n++) usual.push(await buyOne(stand.shop, stage, n))
  const rate = options.rate ?? Math.round(most * options.times)
  tell(`${Math.round(most)}/s completed at most; now ${rate}/s are offered for ${options.seconds} s`)

  const used = cpuSeconds(stand.fleet.pid)
  const offering = runFlood(planOf(stand, stage, options, rate))
  await pause(options.seconds * 1000)
  const fleet = (cpuSeconds(stand.fleet.pid) - used) / options.seconds
  const stopped = performance.now()
  const recovery = recover(stand, stage, percentilesOf(usual.map(({ told }) => told)).p50, stopped)
  const atRest = await drained(stand, stopped)
  const { seconds: normal, ids } = await recovery
  const flood = await offering
  tell(`${flood.requests.length} offered; at rest after ${atRest.toFixed(1)} s; checking the laws`)

  const own = [...usual.map(({ id }) => id), ...ids].map((id) => ({ id, status: 201, sent: 0, took: 0 }))
  const verdict = await judge(stand, [...before, ...flood.requests, ...own])
  const reasons = await reasonsOf(stand.url)
  return {
    options,
    most_per_second: most,
    ...(await figuresOf(stand, flood)),
    ratio: (await figuresOf(stand, flood)).completed_per_second / most,
    peak_memory_mb: peakMemory(stand.fleet.pid),
    at_rest_after_seconds: atRest,
    normal_after_seconds: normal,
    reasons,
    cores: { fleet, load: flood.summary.cpu / options.seconds },
    load_late_ms: flood.summary.latest,
    ...verdict,
    violations: [...verdict.violations, ...Object.entries(reasons).map(([why, n]) => `overload: ${n} x ${why}`)],
  }
}

const planOf = ({ fleet, scratch }: Stand, stage: Stage, { seconds, keyed }: OverloadOptions, rate: number) => ({
  origin: fleet.url,
  tokens: stage.buyers.map(({ token }) => token),
  bodies: bodiesFor(stage, false),
  file: `${scratch}/flood.txt`,
  connections: CUSTOMERS,
  keyed,
  rate,
  seconds,
})

const figuresOf = async ({ books }: Stand, { summary, requests }: Flood) => {
  const ends = await books.ends()
  const seconds = (summary.to - summary.from) / 1000
  const within = [...ends.values()].filter(
    ({ status, at }) => status === 'completed' && at >= summary.from && at < summary.to,
  )
  const statuses: Record<string, number> = {}
  for (const { status } of requests) statuses[status] = (statuses[status] ?? 0) + 1
  const accepted = requests.filter(({ status }) => status === 201)
  return {
    offered: summary.offered,
    offered_per_second: summary.offered / seconds,
    statuses,
    completed_per_second: within.length / seconds,
    accepted: percentilesOf(accepted.map(({ took }) => took)),
    refused: percentilesOf(requests.filter(({ status }) => status !== 201).map(({ took }) => took)),
    request_to_completed: percentilesOf(
      accepted.flatMap(({ id, sent }: Sent) => {
        const end = ends.get(id ?? '')
        return end === undefined ? [] : [end.at - sent]
      }),
    ),
  }
}

/** How much longer than usual a lone purchase may take and still be as usual, and how many of them in a row must be. */
const USUAL = 3
const IN_A_ROW = 5

/** Buys one after the other until that takes as long as before. A shop that says that it is busy is asked again. */
const recover = async (stand: Stand, stage: Stage, usual: number, since: number) => {
  const ids: string[] = []
  let began = since
  for (let good = 0; good < IN_A_ROW;) {
    if (performance.now() - since > 180_000) return { seconds: Number.POSITIVE_INFINITY, ids }
    const sent = performance.now()
    const bought = await buyOne(stand.shop, stage, ids.length).catch(() => undefined)
    if (bought !== undefined) ids.push(bought.id)
    const isUsual = bought !== undefined && bought.told <= usual * USUAL
    if (isUsual && good === 0) began = sent
    good = isUsual ? good + 1 : 0
    await pause(100)
  }
  return { seconds: (began - since) / 1000, ids }
}

const drained = async ({ books }: Stand, since: number): Promise<number> => {
  while ((await books.openSagas()) > 5) {
    if (performance.now() - since > 300_000) throw new Error('purchases are still open five minutes after the load')
    await pause(100)
  }
  const seconds = (performance.now() - since) / 1000
  while ((await books.openSagas()) > 0) await pause(100)
  return seconds
}

const reasonsOf = async (url: string): Promise<Readonly<Record<string, number>>> => {
  await using session = await openSession(url)
  const rows = await session.query<{ why: string; n: number }>(
    `select concat_ws(', ', status, step, state -> 'failure' ->> 'reason') as why, count(*)::int as n
       from purchase.saga where status <> 'completed' group by 1`,
  )
  return Object.fromEntries(rows.map(({ why, n }) => [why, n]))
}

/** The most resident memory that the process has ever had. */
const peakMemory = (pid: number): number =>
  Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000)
