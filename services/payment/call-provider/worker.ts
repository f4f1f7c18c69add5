import { worker } from '@kit/jobs/job'
import type { Worker } from '@kit/jobs/job'
import type { Outgoing } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Decision } from '../domain/decision.ts'
import { learn } from '../domain/learn.ts'
import type { Outcome, Payment } from '../domain/payment.ts'
import { fallSilent } from '../domain/silence.ts'
import { callProvider, Unanswered } from '../provider.ts'
import type { Call, Provider } from '../provider.ts'
import { callOf, CallProvider, meaningOf } from '../provider-job.ts'
import type { AskedCall } from '../provider-job.ts'
import { settleRefunds } from '../refund-rows.ts'
import { decideAll } from '../decide-all.ts'
import { again, FIND_TIMEOUT, silenceIn, silenceOf } from './again.ts'
import type { Left } from './again.ts'
import { withDeadline } from './deadline.ts'

export type CallOptions = {
  /** Ms that a call may take. */
  readonly timeout: number
  /** Ms that the provider may be silent before whoever waits for the payment is told. */
  readonly patience: number
  /** Calls under way at once. */
  readonly concurrency: number
  readonly telemetry: Telemetry
}

/** For what fails on our side; a call that the provider leaves unanswered is asked again without end. */
const retry = { attempts: 1_000, firstDelay: 200, maxDelay: 15_000 }

type Done = { readonly data: AskedCall; readonly result: Outcome | Left }
type LeftCall = Done & { readonly result: Left }

/**
 * Calls the provider outside any transaction, and tells what came of it. A call whose outcome is unknown (no answer in time,
 * an error, a crash in between) is looked up before it is made again, with the same key.
 */
export const callsToProvider = (provider: Provider, options: CallOptions): Worker<AskedCall, Outcome | Left> => {
  const { timeout, patience, concurrency, telemetry } = options
  const tell = tellUnanswered(telemetry)
  return worker({
    job: CallProvider,
    concurrency,
    retry,
    perform: async (asked, { number }) => {
      const begun = performance.now()
      try {
        return await ask(provider, asked, number > 1 || asked.unanswered !== undefined, timeout)
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error
        tell(asked, error)
        return { is: 'unanswered', ms: silenceIn(performance.now() - begun, timeout) }
      }
    },
    finish: (done, tx, platform) => record(done, tx, platform, patience),
  })
}

const tellUnanswered = ({ log, metrics }: Telemetry): ((asked: AskedCall, error: Unanswered) => void) => {
  const help = 'Calls that the payment provider has left unanswered, or answered with an error.'
  const counter = metrics.counter('argosy_provider_unanswered_total', help, ['operation'])
  return ({ purchase_id, operation, unanswered }, { message: reason }) => {
    counter.add({ operation })
    const calls = (unanswered?.calls ?? 0) + 1
    log.warn({ purchase_id, operation, calls, reason }, 'the payment provider did not answer and will be asked again')
  }
}

/** Looks up what may have been done before, makes the call, and looks it up when its outcome is unknown. */
const ask = async (provider: Provider, asked: AskedCall, before: boolean, timeout: number): Promise<Outcome> => {
  const call = callOf(asked)
  const find = (one: Call) => withDeadline(FIND_TIMEOUT, (signal) => provider.find(one, signal))
  const done = before ? await find(call) : undefined
  if (done !== undefined) return meaningOf(asked, done)
  try {
    return meaningOf(asked, await withDeadline(timeout, (signal) => callProvider(provider, call, signal)))
  } catch (error) {
    const outcome = await find(call)
    if (outcome === undefined) throw error
    return meaningOf(asked, outcome)
  }
}

const isLeft = (one: Done): one is LeftCall => one.result.is === 'unanswered'

const record = async (
  done: readonly Done[],
  tx: Tx,
  platform: Platform,
  patience: number,
): Promise<readonly Outgoing[]> => {
  const now = platform.clock.now()
  const left = done.filter(isLeft)
  const told = done.filter((one) => !isLeft(one) || silenceOf(one.data, one.result) >= patience)
  const learnt = told.length === 0 ? [] : await decideAll(tx, now, told, ({ data }) => data.purchase_id, decide)
  const issued = done.flatMap(({ result }) => (result.is === 'issued' ? [result.refund_id] : []))
  const refunds = issued.length === 0 ? [] : await settleRefunds(tx, issued, now)
  return [...learnt, ...refunds, ...(await askAgain(left, tx, platform))]
}

const decide = (payment: Payment, { data, result }: Done): Decision =>
  result.is === 'unanswered' ? fallSilent(payment, data.purchase_id) : learn(payment, data.purchase_id, result)

const selectNow = sql<{ now: Date }>(import.meta.url, 'select-now.sql')

/** When is by the database's clock, as for every job: that of a process may jump. */
const askAgain = async (left: readonly LeftCall[], tx: Tx, platform: Platform): Promise<readonly Outgoing[]> => {
  if (left.length === 0) return []
  const [clock] = await tx.query(selectNow)
  if (clock === undefined) throw new Error('the database has no time')
  return left.map(({ data, result }) => again(data, result, clock.now, platform.random()))
}
