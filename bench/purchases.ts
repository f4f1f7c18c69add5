import { checkLaws } from '@argosy/test/laws/check-laws'
import { measureFloor, type Floor } from './floor.ts'
import { measureLeastFloor } from './floor-least.ts'
import { buyAlone, type Lone } from './lone.ts'
import type { Sent } from './run-load.ts'
import { setStage } from './stage.ts'
import { openBench, openStand, scratchFolder, warmStart, type Stand } from './stand.ts'
import { measureWindow, type Window, type WindowOptions } from './window.ts'
import { watchTables, type Grown, type Written } from './written.ts'

export type PurchasesOptions = WindowOptions & {
  readonly products: number
  /** Also measure at half of the rate that was just completed. */
  readonly half: boolean
  /** Purchases to make afterwards one after the other. */
  readonly lone: number
  /** For so long bare SQL writes the same rows. */
  readonly floorSeconds: number
}

export type PurchasesResult = Window & {
  readonly options: PurchasesOptions
  readonly half?: Window
  readonly lone?: Lone
  readonly written: Written
  /** As the run has left the tables, dead rows and room that is free again included; and when they have been rewritten without. */
  readonly grown: Grown
  readonly grown_compact: Grown
  /** Bare SQL that writes the same rows, and as few rows as the laws allow. */
  readonly floor: Floor
  readonly least_floor: Floor
  readonly idle_memory_mb: { readonly fleet: number; readonly postgres: number }
  /** From the command to ready: on an empty folder, and again on the same one. */
  readonly ready_after_ms: number
  readonly warm_start_ms: number
} & Verdict

/** How all ended. */
export type Verdict = {
  readonly outcomes: Readonly<Record<string, number>>
  /** What breaks the laws, in sentences; empty when they hold. */
  readonly violations: readonly string[]
}

export type Tell = (line: string) => void

/** Runs the shop and the load as processes of their own and measures from outside. */
export const measurePurchases = async (options: PurchasesOptions, tell: Tell): Promise<PurchasesResult> => {
  using scratch = scratchFolder()
  const measured = await measureStand(scratch.path, options, tell)
  tell('starting again on the same folder')
  return { options, ...measured, warm_start_ms: await warmStart(scratch.path) }
}

const measureStand = async (
  scratch: string,
  options: PurchasesOptions,
  tell: Tell,
): Promise<Omit<PurchasesResult, 'options' | 'warm_start_ms'>> => {
  await using stand = await openStand(scratch)
  const { fleet, books, shop } = stand
  tell(`ready after ${fleet.readyAfter} ms at ${fleet.url}`)
  const stage = await setStage(shop, options.products)
  tell(`${options.products} products and ${stage.buyers.length} buyers stand ready`)
  await using session = await openBench(stand.url)
  const watch = await watchTables(session)
  const { window, requests } = await measureWindow(stand, stage, options, watch.catchRows)
  tell(
    `${requests.length} purchases sent, ${Math.round(window.completed_per_second)}/s completed; waiting for the counts of rows`,
  )
  const ended = await books.ended()
  const written = await watch.writtenPer(ended)
  const grown = await watch.grownPer(ended)

  const half = options.half
    ? await measureWindow(stand, stage, { ...options, rate: window.completed_per_second / 2 })
    : undefined
  if (half !== undefined) tell(`${half.requests.length} purchases sent at half of that`)
  if (options.lone > 0) await books.atRest()
  const alone = options.lone > 0 ? await buyAlone(shop, books, stage, options.lone) : undefined
  if (alone !== undefined) tell(`${alone.ids.length} purchases made one after the other`)
  const lone = (alone?.ids ?? []).map((id) => ({ id, status: 201, sent: 0, took: 0 }))
  tell('checking the laws')
  const verdict = await judge(stand, [...requests, ...(half?.requests ?? []), ...lone])
  await fleet.stop()
  tell('rewriting the tables without dead rows')
  await watch.compact()
  const compact = await watch.grownPer(await books.ended())
  tell('writing the same rows with bare SQL, then the fewest that the laws allow')
  const { url } = stand
  const bare = { url, batch: window.mean_batch, seconds: options.floorSeconds, run: window.completed_per_second }
  return {
    ...window,
    ...(half !== undefined && { half: half.window }),
    ...(alone !== undefined && { lone: alone.lone }),
    written,
    grown,
    grown_compact: compact,
    floor: await measureFloor({ ...bare, writes: written.writes }),
    least_floor: await measureLeastFloor({ ...bare, products: options.products }),
    idle_memory_mb: stand.idle,
    ready_after_ms: fleet.readyAfter,
    ...verdict,
  }
}

/** Reads the books when nothing moves any more. */
export const judge = async ({ books }: Stand, requests: readonly Sent[]): Promise<Verdict> => {
  const outcomes: Record<string, number> = {}
  for (const { status } of (await books.ends()).values()) outcomes[status] = (outcomes[status] ?? 0) + 1
  const accepted = requests.flatMap(({ id }) => id ?? [])
  const unanswered = requests.filter(({ status }) => status === 0).length
  return { outcomes, violations: await checkLaws(books, accepted, unanswered) }
}
