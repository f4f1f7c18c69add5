/** What is known of the code that was sent last. Times are ms since 1970. */
export type SentCode = { readonly sentAt: number; readonly expiresAt: number; readonly tries: number }

export const CODE_LIFETIME = 10 * 60_000
const RESEND_PAUSE = 60_000
/** Of a million codes; a new code a minute gives a guesser no more than five in each. */
const TRIES = 5

export type CodeVerdict = 'right' | 'wrong-code' | 'code-expired' | 'too-many-tries'

/** `tries` counts those before this one. A right code after too many tries is refused as well. */
export const judgeCode = (sent: SentCode | undefined, matches: boolean, now: number): CodeVerdict => {
  if (sent === undefined || sent.expiresAt <= now) return 'code-expired'
  if (sent.tries >= TRIES) return 'too-many-tries'
  return matches ? 'right' : 'wrong-code'
}

/** How many ms until a new code may be sent; 0 when it may be sent now. */
export const resendIn = (sentAt: number, now: number): number => Math.max(0, sentAt + RESEND_PAUSE - now)
