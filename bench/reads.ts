import { percentilesOf, type Percentiles } from './percentiles.ts'
import type { Tell } from './purchases.ts'
import { inWindow, runLoad } from './run-load.ts'
import { setStage } from './stage.ts'
import { openStand, scratchFolder, type Process } from './stand.ts'
import { perProcess } from './window.ts'

const FIRST_PAGE = '/api/v1/products?limit=20'

export type ReadsOptions = {
  readonly seconds: number
  readonly warmup: number
  readonly connections: number
  readonly products: number
}

/** What is read: products one by one, or the first page of their list, 20 of them. */
export type Read = 'product' | 'list'

export type ReadsResult = {
  readonly read: Read
  readonly options: ReadsOptions
  readonly requests_per_second: number
  /** Milliseconds. */
  readonly latency: Percentiles
  readonly cores: Readonly<Record<Process, number>>
  readonly statuses: Readonly<Record<string, number>>
  /** Answers that were not 200. */
  readonly violations: readonly string[]
}

/** Reads the catalogue, one request after the other on each connection, as anybody may: without a token. */
export const measureReads = async (read: Read, options: ReadsOptions, tell: Tell): Promise<ReadsResult> => {
  using scratch = scratchFolder()
  await using stand = await openStand(scratch.path)
  const { products } = await setStage(stand.shop, options.products)
  tell(`${products.length} products stand ready`)
  const run = await runLoad(
    {
      origin: stand.fleet.url,
      tokens: [],
      bodies: [],
      reads: read === 'list' ? [FIRST_PAGE] : products.map(({ id }) => `/api/v1/products/${id}`),
      connections: options.connections,
      seconds: options.seconds,
      warmup: options.warmup,
      file: `${scratch.path}/requests.txt`,
    },
    stand.look,
  )
  const { summary, before, after } = run
  const answered = inWindow(run).filter(({ status }) => status === 200)
  return {
    read,
    options,
    requests_per_second: (answered.length * 1000) / (summary.to - summary.from),
    latency: percentilesOf(answered.map(({ took }) => took)),
    cores: perProcess((name) => ((after.cpu[name] - before.cpu[name]) * 1000) / (after.at - before.at)),
    statuses: summary.statuses,
    violations: Object.entries(summary.statuses)
      .filter(([status]) => status !== '200')
      .map(([status, count]) => `${count} answers were ${status}`),
  }
}
