import { percentilesOf, type Percentiles } from './percentiles.ts'
import { runLoad, type Sent } from './run-load.ts'
import { offersTo, type Stage } from './stage.ts'
import type { Stand } from './stand.ts'

/** Purchases that were due in some seconds of normal load. Latencies in ms, from when a purchase was due. */
export type Stretch = {
  readonly per_second: number
  readonly statuses: Readonly<Record<string, number>>
  readonly acceptance: Percentiles
  readonly request_to_completed: Percentiles
}

export type Ends = ReadonlyMap<string, { readonly status: string; readonly at: number }>

/** Seconds that count, and seconds before them; starting the load generator takes some of the rest. */
const STRETCH = 5
const SETTLING = 5
const SECONDS = SETTLING + STRETCH + 2

/** Offers what the shop can do easily, by the clock, for 12 s. `from`: ms since the epoch. */
export const buyNormally = async (
  { fleet, scratch, look }: Stand,
  stage: Stage,
  connections: number,
  rate: number,
): Promise<{ readonly from: number; readonly requests: readonly Sent[] }> => {
  const plan = {
    ...offersTo(fleet.url, stage, false),
    file: `${scratch}/requests.txt`,
    connections,
    rate,
    warmup: 0,
    seconds: SECONDS,
  }
  const { summary, requests } = await runLoad(plan, look)
  return { from: summary.from, requests }
}

/** Of the purchases that were due in the stretch that begins so long after `since`. */
export const stretchOf = (requests: readonly Sent[], since: number, ends: Ends): Stretch => {
  const from = since + SETTLING * 1000
  const due = requests.filter(({ sent }) => sent >= from && sent < from + STRETCH * 1000)
  const accepted = due.filter(({ status }) => status === 201)
  return {
    per_second: due.length / STRETCH,
    statuses: countOf(due),
    acceptance: percentilesOf(accepted.map(({ took }) => took)),
    request_to_completed: percentilesOf(toEnd(accepted, ends)),
  }
}

/** Milliseconds until each had ended. */
export const toEnd = (accepted: readonly Sent[], ends: Ends): readonly number[] =>
  accepted.flatMap(({ id, sent }) => {
    const end = ends.get(id ?? '')
    return end === undefined ? [] : [end.at - sent]
  })

/** How many, by status. */
export const countOf = (requests: readonly Sent[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { status } of requests) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
