import type { Partitioning } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import { append, enclose, pack, type Packed } from './outbox.ts'
import type { Cause, JobRequest, Send } from './outgoing.ts'

export type Sending = {
  readonly platform: Platform
  readonly partitionOf: Partitioning['partitionOf']
  /** Called after a commit with the topics that have something new. */
  readonly committed: (topics: ReadonlySet<string>) => void
  /** Told after a commit what was written to the log. */
  readonly written?: ((messages: readonly Packed[]) => void) | undefined
  readonly enqueue: Enqueue
}

/** Writes job requests in the transaction. */
export type Enqueue = (
  tx: Tx,
  requests: readonly JobRequest[],
  causeOf: ((key: string) => Cause | undefined) | undefined,
) => void

/** The one way out of a handler: messages into the outbox, job requests into the job table, readers woken by the commit. */
export const sender =
  ({ platform, partitionOf, committed, written, enqueue }: Sending): Send =>
  (tx, outgoing, causeOf, audience) => {
    const messages: Packed[] = []
    const jobs: JobRequest[] = []
    for (const one of outgoing) {
      if (one.kind === 'job') jobs.push(one)
      else messages.push(enclose(one, { platform, partitionOf, causeOf, audience }))
    }
    if (messages.length > 0) {
      const batches = pack(messages)
      append(tx, batches)
      tx.afterCommit(() => {
        platform.failpoint('outbox.before-wake')
        written?.(messages)
        committed(new Set(batches.topics))
      })
    }
    if (jobs.length > 0) enqueue(tx, jobs, causeOf)
  }
