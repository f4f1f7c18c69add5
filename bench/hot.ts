import { judge, type Tell, type Verdict } from './purchases.ts'
import type { Sent } from './run-load.ts'
import { setStage } from './stage.ts'
import { openStand, scratchFolder } from './stand.ts'
import { measureWindow, type Window, type WindowOptions } from './window.ts'

export type HotOptions = Omit<WindowOptions, 'hot'> & { readonly products: number }

export type HotResult = {
  readonly options: HotOptions
  /** Purchases completed per second, the mean of two windows each. */
  readonly spread_per_second: number
  readonly hot_per_second: number
  readonly ratio: number
  readonly windows: readonly (Window & { readonly hot: boolean })[]
} & Verdict

/** In this order what drifts with time, or with the size of the tables, weighs on both alike. */
const ORDER = [false, true, true, false]

/** Buys from one shop, spread over all products and with one line of the same product, in turn. */
export const measureHot = async (options: HotOptions, tell: Tell): Promise<HotResult> => {
  using scratch = scratchFolder()
  await using stand = await openStand(scratch.path)
  const stage = await setStage(stand.shop, options.products)
  const windows: (Window & { hot: boolean })[] = []
  const sent: Sent[] = []
  for (const hot of ORDER) {
    const { window, requests } = await measureWindow(stand, stage, { ...options, hot })
    tell(`${hot ? 'hot' : 'spread'}: ${Math.round(window.completed_per_second)}/s`)
    windows.push({ ...window, hot })
    sent.push(...requests)
  }
  const mean = (hot: boolean): number => {
    const rates = windows.filter((window) => window.hot === hot).map((window) => window.completed_per_second)
    return rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  }
  tell('checking the laws')
  return {
    options,
    spread_per_second: mean(false),
    hot_per_second: mean(true),
    ratio: mean(true) / mean(false),
    windows,
    ...(await judge(stand, sent)),
  }
}
