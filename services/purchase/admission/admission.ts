import type { Platform } from '@kit/platform/platform'
import type { Queryable } from '@kit/postgres/queryable'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { Logger, Metrics } from '@kit/telemetry/telemetry'
import { comeBackAfter, mostOpen } from '../domain/load.ts'
import type { Allowance } from '../domain/load.ts'
import { openGauge } from './open-gauge.ts'
import type { OpenGauge, Place } from './open-gauge.ts'

export type Busy = Refusal<'busy'>

/** Decides whether one more purchase may be under way. */
export type Admission = {
  /** By what is known at this moment: for a request that was not looked into yet. */
  readonly isFull: () => boolean
  /** A place, or why there is none. */
  readonly enter: () => Promise<Place | Busy>
  /** The refusal of one purchase. */
  readonly turnAway: () => Busy
  /** So many purchases have ended, or come to rest, by what this process has committed. */
  readonly ended: (purchases: number) => void
}

export type AdmissionOptions = {
  readonly db: Queryable
  readonly platform: Platform
  readonly log: Logger
  readonly metrics: Metrics
  readonly allowance: Allowance
}

export const openAdmission = ({ db, platform, log, metrics, allowance }: AdmissionOptions): Admission => {
  const gauge = openGauge({ db, log, allowance })
  const refused = metrics.counter('argosy_purchases_refused_total', 'Purchases refused because the shop was busy.')
  watch(gauge, metrics, allowance)

  const isFull = (): boolean => gauge.open() >= mostOpen(gauge.pace(), allowance)
  const turnAway = (): Busy => {
    refused.add({})
    return refuse('busy', {
      detail: 'The shop has as many purchases to see to as it can; nothing was bought.',
      retryAfter: comeBackAfter(gauge.open(), gauge.pace(), allowance, platform.random()),
    })
  }
  return {
    isFull: () => {
      // What was seen long ago turns nobody away: enter() looks again first.
      if (gauge.isStale()) return false
      void gauge.freshen()
      return isFull()
    },
    enter: async () => {
      const looking = gauge.freshen()
      // Only whoever has begun this look waits for it; and nobody is the first to be let in unseen.
      if (gauge.isStale() && (isFull() || gauge.isNew())) await looking
      return isFull() ? turnAway() : gauge.place()
    },
    turnAway,
    ended: gauge.ended,
  }
}

const watch = (gauge: OpenGauge, metrics: Metrics, allowance: Allowance): void => {
  const open = metrics.gauge('argosy_purchases_open', 'Purchases under way, as admission counts them.')
  const most = metrics.gauge('argosy_purchases_open_most', 'Purchases that may be under way; more are refused.')
  const pace = metrics.gauge('argosy_purchases_pace', 'Purchases that the shop ends per second when it has enough.')
  metrics.collect(() => {
    open.set({}, gauge.open())
    most.set({}, mostOpen(gauge.pace(), allowance))
    pace.set({}, gauge.pace())
  })
}
