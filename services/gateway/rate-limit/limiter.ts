import type { Clock } from '@kit/platform/platform'

/** `quota` calls in every `window` of seconds; a client that was quiet may make them all at once. */
export type Limit = { readonly name: string; readonly quota: number; readonly window: number }

/** What became of a call. Times are seconds from now. */
export type Verdict = {
  readonly allowed: boolean
  /** Calls left at this moment. */
  readonly remaining: number
  /** Until the whole quota is there again. */
  readonly full: number
  /** Until one more call is allowed; 0 when there is one. */
  readonly retry: number
}

/** Counts calls. The port behind which a shared counter can stand; in memory each process counts for itself. */
export type RateLimiter = { readonly take: (client: string, limit: Limit) => Verdict | Promise<Verdict> }

/**
 * Counts in memory by the generic cell rate algorithm: per client and limit one number, the time at which its quota is
 * whole again. `keep` clients are remembered; whoever has been silent longest is forgotten first.
 */
export const memoryLimiter = (
  clock: Clock,
  keep = 100_000,
): { readonly take: (client: string, limit: Limit) => Verdict } => {
  const wholeAt = new Map<string, number>()
  return {
    take: (client, { name, quota, window }) => {
      const key = `${name} ${client}`
      const now = clock.now().getTime() / 1000
      const cost = window / quota
      // Never further ahead than one window: a clock that was set back must not lock anyone out for long.
      const before = Math.min(Math.max(wholeAt.get(key) ?? now, now), now + window)
      const after = before + cost
      // The quota in full is allowed in spite of rounding.
      const allowed = after - now <= window + cost * 1e-6
      if (!allowed) return { allowed, remaining: 0, full: before - now, retry: after - now - window }
      wholeAt.delete(key)
      wholeAt.set(key, after)
      if (wholeAt.size > keep) wholeAt.delete(wholeAt.keys().next().value ?? '')
      return { allowed, remaining: Math.floor((window - (after - now)) / cost + 1e-6), full: after - now, retry: 0 }
    },
  }
}
