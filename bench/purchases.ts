import { FleetProcess } from '@argosy/test/fleet/fleet-process'
import { Shop } from '@argosy/test/fleet/shop'
import { checkLaws } from '@argosy/test/laws/check-laws'
import { openBooks, type Books } from '@argosy/test/laws/books'
import { startEmbedded } from '@kit/postgres/embedded'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LoadPlan, LoadSummary } from './load.ts'
import { percentilesOf, type Percentiles } from './percentiles.ts'
import { cpuSeconds, familyOf, memoryBytes } from './processes.ts'
import { bodiesFor, setStage } from './stage.ts'

export type PurchasesOptions = {
  readonly seconds: number
  readonly warmup: number
  readonly connections: number
  readonly products: number
  readonly hot: boolean
  /** Purchases per second; as many as go through when absent. */
  readonly rate?: number
  readonly tell: (line: string) => void
}

export type PurchasesResult = {
  readonly options: Omit<PurchasesOptions, 'tell'>
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
  /** Share of one core, by process. */
  readonly cores: Readonly<Record<Process, number>>
  readonly idle_memory_mb: { readonly fleet: number; readonly postgres: number }
  readonly ready_after_ms: number
  readonly outcomes: Readonly<Record<string, number>>
  /** What breaks the laws, in sentences; empty when they hold. */
  readonly violations: readonly string[]
}

type Process = 'fleet' | 'postgres' | 'load'

/** Runs the shop and the load as processes of their own and measures from outside. */
export const measurePurchases = async (options: PurchasesOptions): Promise<PurchasesResult> => {
  const { tell } = options
  const scratch = mkdtempSync(join(tmpdir(), 'argosy-bench-'))
  try {
    await using fleet = await FleetProcess.start({ dataDir: scratch })
    // Joins the server that the fleet has started: the address is all that is wanted.
    await using postgres = await startEmbedded({ dir: join(scratch, 'pg') })
    await using books = await openBooks(postgres.url)
    const postmaster = Number(readFileSync(join(scratch, 'pg/postmaster.pid'), 'utf8').split('\n')[0])
    const idle = { fleet: megabytes([fleet.pid]), postgres: megabytes(familyOf(postmaster)) }
    tell(`ready after ${fleet.readyAfter} ms at ${fleet.url}`)

    const shop = new Shop(fleet.url)
    const stage = await setStage(shop, options.products)
    tell(`${options.products} products and ${stage.buyers.length} buyers stand ready`)
    const plan: LoadPlan = {
      origin: fleet.url,
      tokens: stage.buyers.map(({ token }) => token),
      bodies: bodiesFor(stage, options.hot),
      file: join(scratch, 'purchases.txt'),
      connections: options.connections,
      seconds: options.seconds,
      warmup: options.warmup,
      ...(options.rate !== undefined && { rate: options.rate }),
    }
    const look = async (load: number): Promise<Look> => ({
      at: Date.now(),
      cpu: {
        fleet: cpuSeconds(fleet.pid),
        postgres: sum(familyOf(postmaster).map(cpuSeconds)),
        load: cpuSeconds(load),
      },
      statements: await statementsOf(fleet.url),
      transactions: await books.transactions(),
    })
    const { summary, before, after } = await runLoad(plan, look)
    tell(`load is over, ${summary.sent} sent; waiting for the backlog`)
    const stopped = performance.now()
    const backlog = await books.openSagas()
    await drained(books)
    const drainedAfter = (performance.now() - stopped) / 1000

    const purchases = readPurchases(plan.file)
    const inWindow = purchases.filter(({ sent }) => sent >= summary.from && sent < summary.to)
    const accepted = inWindow.filter(({ id }) => id !== undefined)
    const ends = await books.ends()
    const completed = [...ends.values()].filter(({ at }) => at >= summary.from && at < summary.to).length
    const seconds = (summary.to - summary.from) / 1000
    const share = (name: Process): number => after.cpu[name] - before.cpu[name]
    const perProcess = (of: (name: Process) => number): Record<Process, number> => ({
      fleet: of('fleet'),
      postgres: of('postgres'),
      load: of('load'),
    })
    tell('checking the laws')
    return {
      options: withoutTell(options),
      accepted_per_second: accepted.length / seconds,
      completed_per_second: completed / seconds,
      backlog,
      drained_after_seconds: drainedAfter,
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
        cpu: perProcess((name) => (share(name) * 1e6) / completed),
      },
      cores: perProcess((name) => (share(name) * 1000) / (after.at - before.at)),
      idle_memory_mb: idle,
      ready_after_ms: fleet.readyAfter,
      outcomes: Object.fromEntries(countBy([...ends.values()].map(({ status }) => status))),
      violations: await checkLaws(
        books,
        purchases.flatMap(({ id }) => id ?? []),
        purchases.filter(({ status }) => status === 0).length,
      ),
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

type Look = {
  readonly at: number
  readonly cpu: Readonly<Record<Process, number>>
  readonly statements: number
  readonly transactions: number
}

/** Runs the load generator; looks at the shop when the warm-up is over and at the end. */
const runLoad = async (
  plan: LoadPlan,
  look: (load: number) => Promise<Look>,
): Promise<{ summary: LoadSummary; before: Look; after: Look }> => {
  const program = fileURLToPath(new URL('./load.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(plan))
  const looks: Look[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as LoadSummary | { readonly event: 'warm' | 'over' }
    if (!('event' in message)) {
      const [before, after] = looks
      if (before === undefined || after === undefined) throw new Error('the load generator kept no time')
      return { summary: message, before, after }
    }
    looks.push(await look(child.pid ?? 0))
  }
  throw new Error(`the load generator ended early (${child.exitCode})`)
}

/** SQL statements that the fleet has sent so far, by its own count. */
const statementsOf = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return sum([...text.matchAll(/^argosy_database_statements_total\S* (\S+)$/gm)].map(([, value]) => Number(value)))
}

const drained = async (books: Books): Promise<void> => {
  const deadline = Date.now() + 120_000
  while ((await books.openSagas()) > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** `status` 0: no answer. */
type Sent = {
  readonly id: string | undefined
  readonly status: number
  readonly sent: number
  readonly took: number
}

const readPurchases = (file: string): readonly Sent[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id, status, sent, took] = line.split(' ')
      return { id: id === '-' ? undefined : id, status: Number(status), sent: Number(sent), took: Number(took) }
    })

const megabytes = (pids: readonly number[]): number => Math.round(memoryBytes(pids) / 1e6)
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const countBy = (words: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

const withoutTell = ({ tell: _tell, ...rest }: PurchasesOptions): Omit<PurchasesOptions, 'tell'> => rest
