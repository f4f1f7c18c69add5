import type { Message } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'

/** Work for the service itself, outside the transaction, now or later. Made by a `job(…)` type of kit/jobs. */
export type JobRequest = {
  readonly kind: 'job'
  readonly type: string
  readonly key: string
  readonly data: unknown
  /** Not before this time; at once when absent. */
  readonly runAt?: Date
  /** A second request with the same dedupe key is dropped, even after the first has run, for thirty days. */
  readonly dedupe?: string
}

/** What a handler may return: messages for others, jobs for itself. */
export type Outgoing = Message | JobRequest

/** What led to the outgoing messages: by key (a reply continues the story of the message with its key) or one for all. */
export type Cause = {
  readonly id?: string
  readonly correlationid?: string
  readonly traceparent?: string
}

/**
 * Writes what a handler returned into the transaction of its effects: messages to the outbox, jobs to the job table.
 * `causeOf` names the cause of a message by its key; `audience` is the only group that the messages are for. Only
 * issued: the commit waits for it.
 */
export type Send = (
  tx: Tx,
  outgoing: readonly Outgoing[],
  causeOf?: (key: string) => Cause | undefined,
  audience?: string,
) => void
