import type { Metrics } from '@kit/telemetry/telemetry'

const OUTCOMES = ['completed', 'refused', 'cancelled'] as const

export type PurchaseOutcome = (typeof OUTCOMES)[number]

/** Publishes how many purchases have ended in which way, by what this process has committed. */
export const countEnds = (metrics: Metrics): ((outcomes: readonly PurchaseOutcome[]) => void) => {
  const counter = metrics.counter('argosy_purchases_total', 'Purchases that have ended, by their outcome.', ['outcome'])
  // A rate is only to be had of what was there before.
  for (const outcome of OUTCOMES) counter.add({ outcome }, 0)
  return (outcomes) => {
    for (const outcome of outcomes) counter.add({ outcome })
  }
}
