import { judge, type Tell, type Verdict } from './purchases.ts'
import { inWindow, runLoad, type Sent } from './run-load.ts'
import { bodiesFor, setStage } from './stage.ts'
import { openStand, scratchFolder } from './stand.ts'

export type GrowthOptions = {
  /** How many purchases shall be stored in the end. */
  readonly purchases: number
  readonly seconds: number
  readonly warmup: number
  readonly connections: number
  readonly products: number
}

export type GrowthResult = {
  readonly options: GrowthOptions
  /** One after the other, without a pause. */
  readonly windows: readonly { readonly stored: number; readonly accepted_per_second: number }[]
  /** Purchases per second: the mean of the first windows and of the last ones, a tenth of all each. */
  readonly first_per_second: number
  readonly last_per_second: number
  readonly ratio: number
  /** Open when the last window was over. */
  readonly backlog: number
} & Verdict

/** Buys until so many purchases are stored: does a purchase cost more when the tables are large? */
export const measureGrowth = async (options: GrowthOptions, tell: Tell): Promise<GrowthResult> => {
  using scratch = scratchFolder()
  await using stand = await openStand(scratch.path)
  const stage = await setStage(stand.shop, options.products)
  const sent: Sent[] = []
  const windows: { stored: number; accepted_per_second: number }[] = []
  while (sent.length < options.purchases) {
    const run = await runLoad(
      {
        origin: stand.fleet.url,
        tokens: stage.buyers.map(({ token }) => token),
        bodies: bodiesFor(stage, false),
        file: `${scratch.path}/requests.txt`,
        connections: options.connections,
        seconds: options.seconds,
        warmup: options.warmup,
      },
      stand.look,
    )
    const accepted = inWindow(run).filter(({ id }) => id !== undefined).length / options.seconds
    windows.push({ stored: sent.length, accepted_per_second: accepted })
    for (const one of run.requests) sent.push(one)
    tell(`${windows.at(-1)?.stored} stored: ${Math.round(accepted)}/s`)
  }
  const backlog = await stand.books.openSagas()
  while ((await stand.books.openSagas()) > 0) await new Promise((resolve) => setTimeout(resolve, 50))
  const rates = windows.map(({ accepted_per_second }) => accepted_per_second)
  const some = Math.ceil(rates.length / 10)
  const [first, last] = [mean(rates.slice(0, some)), mean(rates.slice(-some))]
  tell('checking the laws')
  return {
    options,
    windows,
    first_per_second: first,
    last_per_second: last,
    ratio: last / first,
    backlog,
    ...(await judge(stand, sent)),
  }
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
