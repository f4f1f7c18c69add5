import { faultKindOf, isTransient } from '@kit/fault/fault'
import type { Cause, Outgoing } from '@kit/messaging/outgoing'
import { reasonOf } from '@kit/messaging/reason'
import { apart } from '@kit/messaging/together/together'
import { traceOf } from '@kit/messaging/trace'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { commonTrace, withTrace } from '@kit/telemetry/trace-context'
import { PermanentFailure, type Worker } from './job.ts'
import type { LeasedJob } from './lease.ts'
import type { RunnerOptions } from './runner-options.ts'

/** How a try has ended: done, failed, or given back untouched. */
export type Ended =
  | {
      readonly job: LeasedJob
      readonly worker: Worker
      readonly done: { readonly data: unknown; readonly result: unknown }
    }
  | { readonly job: LeasedJob; readonly worker: Worker; readonly failed: unknown }
  | { readonly job: LeasedJob; readonly postponed: number; readonly reason: string }

type Done = Extract<Ended, { done: unknown }>
type Postponed = {
  readonly job: LeasedJob
  readonly delay: number | null
  readonly reason: string
  /** 1 for a try that was given back: it does not count. */
  readonly unbegun: 0 | 1
}

const endJobs = sql(import.meta.url, 'end-jobs.sql')
const postponeJobs = sql(import.meta.url, 'postpone-jobs.sql')

/** Records how tries have ended. Returns the ms until the earliest further try, if any. */
export const conclude = async (ended: readonly Ended[], options: RunnerOptions): Promise<number | undefined> => {
  const done = ended.filter((end): end is Done => 'done' in end)
  let postponed = ended.flatMap((end) => ('done' in end ? [] : [postponement(end, options)]))
  try {
    const { commit = apart(options) } = options
    await commit((tx, send) => record(done, postponed, tx, { ...options, send }))
  } catch (error) {
    if (isTransient(error)) throw error
    postponed = await oneByOne(done, postponed, options)
  }
  options.platform.failpoint('job.after-commit')
  const delays = postponed.flatMap(({ delay }) => (delay === null ? [] : [delay]))
  return delays.length === 0 ? undefined : Math.min(...delays)
}

/**
 * One of them cannot be recorded, or another worker has taken it over: each on its own, so that only the guilty one is tried
 * again, or dies.
 */
const oneByOne = async (
  done: readonly Done[],
  given: readonly Postponed[],
  options: RunnerOptions,
): Promise<Postponed[]> => {
  const postponed = [...given]
  for (const end of done) {
    const cause = await alone([end], [], options)
    if (cause !== undefined) {
      postponed.push(postponement({ job: end.job, worker: end.worker, failed: cause }, options))
    }
  }
  for (const [n, each] of postponed.entries()) {
    const cause = await alone([], [each], options)
    if (cause === undefined) continue
    const dead = {
      ...each,
      delay: null,
      reason: `${each.reason}; and a further try cannot be arranged: ${reasonOf(cause)}`,
    }
    const fields = fieldsOf(each.job)
    options.telemetry.log.error({ ...fields, reason: dead.reason }, 'a job became a dead letter')
    const unrecorded = await alone([], [dead], options)
    // Then its lease runs out, and it is tried again.
    if (unrecorded !== undefined)
      options.telemetry.log.error({ ...fields, reason: reasonOf(unrecorded) }, 'not recorded')
    postponed[n] = dead
  }
  return postponed
}

/** Whether the error says that another worker holds the lease of a job. */
const isTakenOver = (error: unknown): boolean => Object(error).code === 'ARG02'

/** Returns why it could not be recorded. What passes is thrown: all will be recorded again. */
const alone = async (
  done: readonly Done[],
  postponed: readonly Postponed[],
  options: RunnerOptions,
): Promise<unknown> => {
  try {
    await options.db.transaction((tx) => record(done, postponed, tx, options))
    return undefined
  } catch (cause) {
    if (isTransient(cause)) throw cause
    // A try whose lease was taken over says nothing: the other try will.
    if (isTakenOver(cause)) return undefined
    return cause ?? new Error('thrown without a reason')
  }
}

const record = async (
  done: readonly Done[],
  postponed: readonly Postponed[],
  tx: Tx,
  { send, platform, telemetry: { log } }: RunnerOptions,
): Promise<void> => {
  if (done.length > 0) {
    if (log.isDebug === true) tx.afterCommit(() => done.forEach(({ job }) => log.debug(fieldsOf(job), 'did a job')))
    // Not waited for: it travels with what the workers ask and write, and fails all of that if a lease was taken over.
    void tx.query(endJobs, [done.map(({ job }) => job.id), done.map(({ job }) => job.attempt)])
    for (const [worker, ends] of Map.groupBy(done, (end) => end.worker)) {
      const results = ends.map((end) => end.done)
      const outgoing: readonly Outgoing[] = await withTrace(
        () => commonTrace(ends.map(({ job }) => traceOf(job.key, job.cause))),
        () => worker.finish(results, tx, platform),
      )
      const causes = new Map<string, Cause>(ends.map(({ job }) => [job.key, job.cause ?? {}]))
      send(tx, outgoing, (key) => causes.get(key))
    }
  }
  if (postponed.length > 0) {
    void tx.query(postponeJobs, [
      postponed.map(({ job }) => job.id),
      postponed.map(({ job }) => job.attempt),
      postponed.map(({ delay }) => delay),
      postponed.map(({ reason }) => reason),
      postponed.map(({ unbegun }) => unbegun),
    ])
  }
  platform.failpoint('job.before-commit')
}

const postponement = (end: Exclude<Ended, Done>, { platform, telemetry }: RunnerOptions): Postponed => {
  const { job } = end
  if ('postponed' in end) return { job, delay: end.postponed, reason: end.reason, unbegun: 1 }
  const { retry } = end.worker
  const reason = reasonOf(end.failed)
  // What no job could have is no job's fault, however often it was tried.
  const isSpent = job.attempt >= retry.attempts && faultKindOf(end.failed) !== 'systematic'
  const dead = end.failed instanceof PermanentFailure || isSpent
  telemetry.log[dead ? 'error' : 'warn'](
    { ...fieldsOf(job), attempt: job.attempt, reason },
    dead ? 'a job became a dead letter' : 'a job failed and will be tried again',
  )
  if (dead) return { job, delay: null, reason, unbegun: 0 }
  const delay = Math.min(retry.maxDelay, retry.firstDelay * 2 ** (job.attempt - 1))
  return { job, delay: Math.round(delay * (1 + platform.random() / 2)), reason, unbegun: 0 }
}

/** What log lines about a job carry. */
const fieldsOf = ({ id, type, key, cause }: LeasedJob) => ({ job_id: id, type, ...traceOf(key, cause) })
