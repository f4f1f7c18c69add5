import type { Cause, Outgoing } from '@kit/messaging/outgoing'
import { reasonOf } from '@kit/messaging/reason'
import { isPassing, type Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { HopelessJob, type Worker } from './job.ts'
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
type Postponed = { readonly job: LeasedJob; readonly delay: number | null; readonly reason: string }

const deleteFinished = sql<{ id: string }>(import.meta.url, 'delete-finished.sql')
const postponeJobs = sql(import.meta.url, 'postpone-jobs.sql')

/** Records how tries have ended. Returns the ms until the earliest further try, if any. */
export const conclude = async (ended: readonly Ended[], options: RunnerOptions): Promise<number | undefined> => {
  const done = ended.filter((end): end is Done => 'done' in end)
  const postponed = ended.flatMap((end) => ('done' in end ? [] : [postponement(end, options)]))
  try {
    await options.db.transaction((tx) => record(done, postponed, tx, options))
  } catch (error) {
    if (isPassing(error) || done.length === 0) throw error
    // One of them cannot be finished: each on its own, so that only the guilty one is tried again.
    for (const end of done) {
      try {
        await options.db.transaction((tx) => record([end], [], tx, options))
      } catch (cause) {
        if (isPassing(cause)) throw cause
        postponed.push(postponement({ job: end.job, worker: end.worker, failed: cause }, options))
      }
    }
    await options.db.transaction((tx) => record([], postponed, tx, options))
  }
  options.platform.failpoint('job.after-commit')
  const delays = postponed.flatMap(({ delay }) => (delay === null ? [] : [delay]))
  return delays.length === 0 ? undefined : Math.min(...delays)
}

const record = async (
  done: readonly Done[],
  postponed: readonly Postponed[],
  tx: Tx,
  { send, platform }: RunnerOptions,
): Promise<void> => {
  if (done.length > 0) {
    const ids = await tx.query(deleteFinished, [done.map(({ job }) => job.id), done.map(({ job }) => job.attempt)])
    const ours = new Set(ids.map(({ id }) => id))
    // A try whose lease was taken over says nothing: the other try will.
    const valid = done.filter(({ job }) => ours.has(job.id))
    for (const [worker, ends] of Map.groupBy(valid, (end) => end.worker)) {
      const outgoing: readonly Outgoing[] = await worker.finish(
        ends.map((end) => end.done),
        tx,
        platform,
      )
      const causes = new Map<string, Cause>(ends.map(({ job }) => [job.key, job.cause ?? {}]))
      await send(tx, outgoing, (key) => causes.get(key))
    }
  }
  if (postponed.length > 0) {
    void tx.query(postponeJobs, [
      postponed.map(({ job }) => job.id),
      postponed.map(({ job }) => job.attempt),
      postponed.map(({ delay }) => delay),
      postponed.map(({ reason }) => reason),
    ])
  }
  platform.failpoint('job.before-commit')
}

const postponement = (end: Exclude<Ended, Done>, { platform, telemetry }: RunnerOptions): Postponed => {
  const { job } = end
  if ('postponed' in end) return { job, delay: end.postponed, reason: end.reason }
  const { retry } = end.worker
  const reason = reasonOf(end.failed)
  const dead = end.failed instanceof HopelessJob || job.attempt >= retry.attempts
  telemetry.log[dead ? 'error' : 'warn'](
    { id: job.id, type: job.type, attempt: job.attempt, reason },
    dead ? 'a job became a dead letter' : 'a job failed and will be tried again',
  )
  if (dead) return { job, delay: null, reason }
  const delay = Math.min(retry.maxDelay, retry.firstDelay * 2 ** (job.attempt - 1))
  return { job, delay: Math.round(delay * (1 + platform.random() / 2)), reason }
}
