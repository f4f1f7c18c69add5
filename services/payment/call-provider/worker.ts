import { worker } from '@kit/jobs/job'
import type { Worker } from '@kit/jobs/job'
import { learn } from '../domain/learn.ts'
import type { Outcome } from '../domain/payment.ts'
import { callProvider } from '../provider.ts'
import type { Call, Provider } from '../provider.ts'
import { callOf, CallProvider, meaningOf } from '../provider-job.ts'
import type { AskedCall } from '../provider-job.ts'
import { settleRefunds } from '../refund-rows.ts'
import { settleAll } from '../settle.ts'
import { withDeadline } from './deadline.ts'

export type CallOptions = {
  /** Ms that a call may take. */
  readonly timeout: number
  /** Calls under way at once. */
  readonly concurrency: number
}

/** Ms for asking what became of a call: together with the longest call it ends before the job's lease does. */
const FIND_TIMEOUT = 2_000

/** A provider may be away for hours; saga deadlines, not this, decide when a purchase is given up. */
const retry = { attempts: 1_000, firstDelay: 200, maxDelay: 15_000 }

/**
 * Calls the provider outside any transaction, and tells what came of it. A call whose outcome is unknown (no answer in time,
 * an error, a crash in between) is looked up before it is made again, with the same key.
 */
export const callsToProvider = (
  provider: Provider,
  { timeout, concurrency }: CallOptions,
): Worker<AskedCall, Outcome> => {
  const find = (call: Call) => withDeadline(FIND_TIMEOUT, (signal) => provider.find(call, signal))
  return worker({
    job: CallProvider,
    concurrency,
    retry,
    perform: async (asked, { number }) => {
      const call = callOf(asked)
      const done = number > 1 ? await find(call) : undefined
      if (done !== undefined) return meaningOf(asked, done)
      try {
        return meaningOf(asked, await withDeadline(timeout, (signal) => callProvider(provider, call, signal)))
      } catch (error) {
        const outcome = await find(call)
        if (outcome === undefined) throw error
        return meaningOf(asked, outcome)
      }
    },
    finish: async (done, tx, platform) => {
      const now = platform.clock.now()
      const learnt = await settleAll(
        tx,
        now,
        done,
        ({ data }) => data.purchase_id,
        (payment, { data, result }) => learn(payment, data.purchase_id, result),
      )
      const issued = done.flatMap(({ result }) => (result.is === 'issued' ? [result.refund_id] : []))
      return issued.length === 0 ? learnt : [...learnt, ...(await settleRefunds(tx, issued, now))]
    },
  })
}
