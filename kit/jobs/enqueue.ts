import type { Cause, JobRequest } from '@kit/messaging/outgoing'
import type { Enqueue } from '@kit/messaging/send'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { LeasedJob } from './lease.ts'

const insertJobs = sql<{ id: string }>(import.meta.url, 'insert-jobs.sql')

/** Who in this process will take a job at once, so that it need not be claimed. */
export type Taker = {
  /** How long what is handed over belongs to it, in ms. */
  readonly lease: number
  /** Whether there is room for another job of the type now. */
  readonly hasRoomFor: (type: string, asked: number) => boolean
  /** Hands over jobs that are leased to this process. */
  readonly take: (jobs: readonly LeasedJob[]) => void
  /** There are jobs to be claimed. */
  readonly wake: () => void
}

/**
 * Writes job requests in the caller's transaction. A job that is due at once and for which this process has room is born
 * leased and handed over after the commit: no claim, no poll. Should the process die, the lease runs out.
 */
export const enqueue = (
  tx: Tx,
  requests: readonly JobRequest[],
  platform: Platform,
  taker: Taker | undefined,
  causeOf: (key: string) => Cause | undefined = () => undefined,
): void => {
  if (requests.length === 0) return
  const asked = new Map<string, number>()
  const jobs = withoutRepeats(requests).map((request) => {
    const before = asked.get(request.type) ?? 0
    const leased = request.runAt === undefined && taker?.hasRoomFor(request.type, before) === true
    if (leased) asked.set(request.type, before + 1)
    const cause = causeOf(request.key)
    return { ...request, id: platform.newId(), attempt: leased ? 1 : 0, unfinished: 1, cause: causeColumn(cause ?? {}) }
  })
  // Not waited for: it travels with the commit.
  const written = tx.query(insertJobs, [
    jobs.map((job) => job.id),
    jobs.map((job) => job.type),
    jobs.map((job) => job.key),
    jobs.map((job) => JSON.stringify(job.data)),
    jobs.map((job) => JSON.stringify(job.cause)),
    jobs.map((job) => job.attempt),
    jobs.map((job) => job.runAt ?? null),
    jobs.map((job) => job.dedupe ?? null),
    taker?.lease ?? 0,
  ])
  tx.afterCommit(() => {
    void written.then((rows) => {
      const ids = new Set(rows.map(({ id }) => id))
      const leased = jobs.filter((job) => job.attempt === 1 && ids.has(job.id))
      if (leased.length > 0) taker?.take(leased)
      if (leased.length < jobs.length) taker?.wake()
    })
  })
}

/** How handlers ask for jobs. `taker` is looked up at each call; where there is none, another process finds them in the table. */
export const enqueuer =
  (platform: Platform, taker: () => Taker | undefined = () => undefined): Enqueue =>
  (tx, requests, causeOf) =>
    enqueue(tx, requests, platform, taker(), causeOf)

/** The statement drops what was asked for before; a key twice in one call is dropped here. */
const withoutRepeats = (requests: readonly JobRequest[]): readonly JobRequest[] => {
  const seen = new Set<string>()
  return requests.filter(({ dedupe }) => dedupe === undefined || (!seen.has(dedupe) && seen.add(dedupe)))
}

const causeColumn = ({ id, correlationid, traceparent }: Cause): Cause => ({
  ...(id === undefined ? {} : { id }),
  ...(correlationid === undefined ? {} : { correlationid }),
  ...(traceparent === undefined ? {} : { traceparent }),
})
