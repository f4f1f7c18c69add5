import type { LoadPlan } from './load.ts'
import { percentilesOf, type Percentiles } from './percentiles.ts'
import { inWindow, runLoad, type LoadRun, type Sent } from './run-load.ts'
import { offersTo, type Stage } from './stage.ts'
import type { Look, Process, Stand } from './stand.ts'

export type WindowOptions = {
  readonly seconds: number
  readonly warmup: number
  readonly connections: number
  /** One line of every purchase is of the same product. */
  readonly hot: boolean
  /** Purchases per second; as many as go through when absent. */
  readonly rate?: number
}

/** The figures of one measured stretch of load. */
export type Window = {
  readonly accepted_per_second: number
  readonly completed_per_second: number
  /** Purchases that were still open when the load stopped, and how long they took from then on. */
  readonly backlog: number
  readonly drained_after_seconds: number
  readonly statuses: Readonly<Record<string, number>>
  /** Milliseconds. */
  readonly acceptance: Percentiles
  readonly request_to_completed: Percentiles
  readonly per_purchase: {
    readonly statements: number
    readonly transactions: number
    /** Microseconds of processor time. */
    readonly cpu: Readonly<Record<Process, number>>
  }
  /** Messages in a batch that a service read from the log. */
  readonly mean_batch: number
  /** Connections of the shop's process to PostgreSQL: the more of those at the begin and at the end. */
  readonly connections: number
  /** Share of one core, by process. */
  readonly cores: Readonly<Record<Process, number>>
}

/** Buys for a while, waits for the backlog, and gives the figures with all that was sent. */
export const measureWindow = async (
  { scratch, fleet, books, look }: Stand,
  stage: Stage,
  options: WindowOptions,
  alsoLook: () => Promise<void> = async () => {},
): Promise<{ readonly window: Window; readonly requests: readonly Sent[] }> => {
  const plan: LoadPlan = {
    ...offersTo(fleet.url, stage, options.hot),
    file: `${scratch}/requests.txt`,
    connections: options.connections,
    seconds: options.seconds,
    warmup: options.warmup,
    ...(options.rate !== undefined && { rate: options.rate }),
  }
  const run = await runLoad(plan, async (load) => {
    const seen = await look(load)
    await alsoLook()
    return seen
  })
  const stopped = performance.now()
  const backlog = await books.openSagas()
  await drained(books.openSagas)
  const drainedAfter = (performance.now() - stopped) / 1000
  const window = { backlog, drained_after_seconds: drainedAfter, ...figuresOf(run, await books.ends()) }
  return { window, requests: run.requests }
}

const figuresOf = (
  run: LoadRun<Look>,
  ends: ReadonlyMap<string, { readonly at: number }>,
): Omit<Window, 'backlog' | 'drained_after_seconds'> => {
  const { summary, before, after } = run
  const accepted = inWindow(run).filter(({ id }) => id !== undefined)
  const completed = [...ends.values()].filter(({ at }) => at >= summary.from && at < summary.to).length
  const seconds = (summary.to - summary.from) / 1000
  const used = (name: Process): number => after.cpu[name] - before.cpu[name]
  return {
    accepted_per_second: accepted.length / seconds,
    completed_per_second: completed / seconds,
    statuses: summary.statuses,
    acceptance: percentilesOf(accepted.map(({ took }) => took)),
    request_to_completed: percentilesOf(
      accepted.flatMap(({ id, sent }) => {
        const end = ends.get(id ?? '')
        return end === undefined ? [] : [end.at - sent]
      }),
    ),
    per_purchase: {
      statements: (after.statements - before.statements) / completed,
      transactions: (after.transactions - before.transactions) / completed,
      cpu: perProcess((name) => (used(name) * 1e6) / completed),
    },
    mean_batch: (after.messages - before.messages) / (after.batches - before.batches),
    connections: Math.max(before.connections, after.connections),
    cores: perProcess((name) => (used(name) * 1000) / (after.at - before.at)),
  }
}

export const perProcess = (of: (name: Process) => number): Record<Process, number> => ({
  fleet: of('fleet'),
  postgres: of('postgres'),
  load: of('load'),
})

/** Resolves when nothing is open any more, or after two minutes. */
export const drained = async (open: () => Promise<number>): Promise<void> => {
  const deadline = Date.now() + 120_000
  while ((await open()) > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
}
