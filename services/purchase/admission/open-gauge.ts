import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'
import { mostOpen, paceAfter } from '../domain/load.ts'
import type { Allowance } from '../domain/load.ts'
import { purchaseSaga } from '../purchase-saga.ts'

const look = sql<{ ended: number; open: number }>(import.meta.url, 'look.sql')

/** Ms between two looks while something happens; nobody looks while nothing does. */
const EVERY = 500

/** Ms after which what was seen turns nobody away any more. */
const STALE = 2_000

/** Seconds after which a purchase that has not ended does not count: it waits for somebody who is away. */
const YOUNG = 60

/** Counting stops here at the latest. */
const MOST = 50_000

/** One of those who are admitted; disposed of when its request is answered. */
export type Place = Disposable & {
  /** The purchase is accepted: it is under way now, and no longer only asked for. */
  readonly accepted: () => void
}

export type OpenGauge = {
  /** Purchases under way: by the last look, and what this process has admitted and ended since. */
  readonly open: () => number
  /** Purchases that all processes together end per second. */
  readonly pace: () => number
  /** Looks again when that is due. Resolves when the look that this call has begun is over, if it has begun one. */
  readonly freshen: () => Promise<void> | undefined
  readonly isStale: () => boolean
  /** Nothing was ever seen. */
  readonly isNew: () => boolean
  /** Counts one more. */
  readonly place: () => Place
  readonly ended: (purchases: number) => void
}

/** What is under way in all processes on this database: each looks at the same rows, and adds what it knows better itself. */
export const openGauge = ({
  db,
  log,
  allowance,
}: {
  readonly db: Queryable
  readonly log: Logger
  readonly allowance: Allowance
}): OpenGauge => {
  /** Asked for, and neither accepted nor refused yet. */
  let asked = 0
  /** By this process, since the last look. */
  const since = { accepted: 0, ended: 0 }
  let seen = { open: 0, ended: Number.NaN, at: Number.NEGATIVE_INFINITY }
  let pace = 0
  let looking = false
  let begun = Number.NEGATIVE_INFINITY

  const lookAgain = async (): Promise<void> => {
    looking = true
    const at = performance.now()
    begun = at
    const told = { ...since }
    try {
      // Somewhat more than may be open says as much as all.
      const most = Math.min(MOST, Math.ceil(1.2 * mostOpen(pace, allowance)))
      const [row] = await db.query(look, [told.ended, purchaseSaga.name, YOUNG, most])
      if (row === undefined) throw new Error('the table pace has lost its row')
      since.accepted -= told.accepted
      since.ended -= told.ended
      const ended = row.ended - seen.ended
      // NaN at the first look: there is nothing to compare with.
      if (ended >= 0) pace = paceAfter(pace, { open: row.open, ended, seconds: (at - seen.at) / 1000 }, allowance)
      seen = { ...row, at }
    } catch (error) {
      // Whoever buys now meets the same database and is told.
      log.warn({ error: String(error) }, 'could not look at what is under way')
    } finally {
      looking = false
    }
  }
  const freshen = (): Promise<void> | undefined =>
    looking || performance.now() - begun < EVERY ? undefined : lookAgain()

  return {
    open: () => Math.max(0, seen.open + asked + since.accepted - since.ended),
    pace: () => pace,
    freshen,
    isStale: () => performance.now() - seen.at > STALE,
    isNew: () => Number.isNaN(seen.ended),
    place: () => {
      asked++
      return {
        accepted: () => since.accepted++,
        [Symbol.dispose]: () => asked--,
      }
    },
    ended: (purchases) => {
      since.ended += purchases
      void freshen()
    },
  }
}
