import { sql } from '@kit/postgres/statement'
import { traceIdOf, withTrace } from '@kit/telemetry/trace-context'
import type { Trace } from '@kit/telemetry/trace-context'
import type { Ended } from './conclude.ts'
import type { Worker } from './job.ts'
import { SUSPECT, TRY, type LeasedJob } from './lease.ts'
import type { RunnerOptions } from './runner-options.ts'

const markBegun = sql(import.meta.url, 'mark-begun.sql')

/** Makes one try of a job, outside any transaction, and says how it has ended. Never throws. */
export type MakeTry = (job: LeasedJob, worker: Worker) => Promise<Ended>

export const tries = ({ db, platform, times }: RunnerOptions): MakeTry => {
  const signalNow = sharedSignal(times?.try ?? TRY)
  return async (job, worker) => {
    try {
      const data = worker.job.parse(job.data)
      if (job.unfinished > SUSPECT || job.redelivered === true) await db.query(markBegun, [job.id, job.attempt])
      platform.failpoint('job.before-perform')
      const signal = signalNow()
      const attempt = { id: job.id, number: job.attempt, signal }
      const result = await orTooLong(
        withTrace(traceOf(job), () => worker.perform(data, attempt, platform)),
        signal,
      )
      platform.failpoint('job.after-perform')
      return { job, worker, done: { data, result } }
    } catch (error) {
      return { job, worker, failed: error }
    }
  }
}

/** Aborted after `limit` ms: one signal for all tries that begin within the same second; by a clock that nobody sets. */
const sharedSignal = (limit: number): (() => AbortSignal) => {
  let last = { signal: new AbortController().signal, until: -1 }
  return () => {
    const now = performance.now()
    if (now > last.until) last = { signal: AbortSignal.timeout(limit), until: now + limit / 60 }
    return last.signal
  }
}

/** A try that is not over in time has failed, whether or not it listens to its signal. */
const orTooLong = <T>(result: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error('the try took too long and was given up'))
    signal.addEventListener('abort', giveUp, { once: true })
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })

/** A job's log lines carry the trace and the correlation of what asked for it. */
const traceOf = ({ cause, key }: LeasedJob): Trace => {
  const trace_id = traceIdOf(cause?.traceparent)
  return {
    ...(trace_id === undefined ? {} : { trace_id }),
    correlation_id: cause?.correlationid ?? key,
  }
}
