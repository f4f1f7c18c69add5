import type { JobRequest } from '@kit/messaging/outgoing'
import { CallProvider } from '../provider-job.ts'
import type { AskedCall } from '../provider-job.ts'

/** A call that the provider has left unanswered, so many ms after it was made. */
export type Left = { readonly is: 'unanswered'; readonly ms: number }

const FIRST = 200
const LONGEST = 15_000

/** Ms for asking what became of a call: together with the longest call it ends before the job's lease does. */
export const FIND_TIMEOUT = 2_000

/**
 * How much of a try that took so many ms was the provider's silence. One that took much longer than its deadlines allow
 * was made by a process that stood still: it says nothing of the provider.
 */
export const silenceIn = (ms: number, timeout: number): number => (ms > timeout + 2 * FIND_TIMEOUT + 1_000 ? 0 : ms)

/**
 * How long the provider has been silent when this call was left, in ms. Time in which nobody asked or waited is not in
 * it.
 */
export const silenceOf = ({ unanswered }: AskedCall, { ms }: Left): number => (unanswered?.ms ?? 0) + ms

/**
 * The same call, later: after some 0.2 s, 0.4 s, 0.8 s … and then every quarter of a minute, for ever, for only its
 * outcome says what there is to give back. A job of its own, so that a try that was killed, or failed by us, does not
 * count as the provider's.
 */
export const again = (asked: AskedCall, left: Left, now: Date, random: number): JobRequest => {
  const calls = (asked.unanswered?.calls ?? 0) + 1
  const wait = Math.round(Math.min(LONGEST, FIRST * 2 ** Math.min(calls - 1, 10)) * (1 + random / 2))
  const unanswered = { calls, ms: Math.round(silenceOf(asked, left)) + wait }
  return CallProvider({ ...asked, unanswered }, { runAt: new Date(now.getTime() + wait) })
}
