// How many purchases may be under way: as many as the shop has shown that it ends within the time for which a customer may be
// kept waiting. A count tells at once what a latency would tell only when it is too late; the pace turns it into time.

/** What was seen since the look before. */
export type Seen = {
  /** Purchases under way now; those that rest until they are paid are not. */
  readonly open: number
  /** Purchases that have ended, or come to rest, since. */
  readonly ended: number
  readonly seconds: number
}

export type Allowance = {
  /** So many purchases may always be under way: a shop that has not shown anything yet is not closed. */
  readonly floor: number
  /** Seconds of work that may be under way. */
  readonly backlog: number
}

/** Seconds in which the pace follows what is seen by two thirds: a moment without an end is not yet a slow shop. */
const FASTER = 3
const SLOWER = 15

/** Purchases that the shop ends per second when it has enough of them, by all that was seen. */
export const paceAfter = (pace: number, { open, ended, seconds }: Seen, { floor }: Allowance): number => {
  const seen = ended / seconds
  // Fewer ended because fewer were asked for: that says nothing of what the shop can do.
  if (seen < pace && open < floor) return pace
  const span = seen > pace ? FASTER : SLOWER
  return pace + (seen - pace) * (1 - Math.exp(-seconds / span))
}

/** Purchases that may be under way at this pace. */
export const mostOpen = (pace: number, { floor, backlog }: Allowance): number =>
  Math.max(floor, Math.floor(pace * backlog))

/**
 * Seconds after which somebody who was turned away should come again: when what is under way now is done, and by `chance`, in
 * [0, 1), up to as long after that, so that not all come at once.
 */
export const comeBackAfter = (open: number, pace: number, allowance: Allowance, chance: number): number => {
  const work = (open / mostOpen(pace, allowance)) * allowance.backlog
  return Math.min(LONGEST, Math.max(1, Math.ceil(work * (1 + chance))))
}

const LONGEST = 30
