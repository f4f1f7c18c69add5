/** What is known of a refresh token that somebody presents. Times are ms since 1970. */
export type KnownToken = {
  readonly expiresAt: number
  readonly rotatedAt: number | undefined
  readonly sessionEnded: boolean
}

/**
 * - `rotate`: its first use, which issues the successor.
 * - `repeat`: a parallel tab, or a client that lost the answer: it gets the successor that there is.
 * - `reuse`: somebody kept a spent token. One of the two who know it is a thief, so the session ends for both
 *   (RFC 9700, section 4.14.2).
 */
export type Verdict = 'rotate' | 'repeat' | 'reuse' | 'unknown' | 'ended' | 'expired'

/** How long a spent token may come again: parallel tabs refresh within seconds of each other. */
const GRACE = 20_000

export const judge = (token: KnownToken | undefined, now: number): Verdict => {
  if (token === undefined) return 'unknown'
  if (token.sessionEnded) return 'ended'
  if (token.expiresAt <= now) return 'expired'
  if (token.rotatedAt === undefined) return 'rotate'
  return now - token.rotatedAt <= GRACE ? 'repeat' : 'reuse'
}
