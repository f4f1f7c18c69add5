import type { Partitioning } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import type { Database, Tx } from '@kit/postgres/queryable'
import type { Cause, Outgoing, Send } from './outgoing.ts'
import { sender, type Enqueue, type Sending } from './send.ts'

/**
 * One transaction for a change and what tells of it: what `work` sends commits with it or not at all.
 * A refusal rolls nothing back: decide before writing.
 */
export type Transact = <T>(
  request: { readonly cause: Cause },
  work: (tx: Tx) => Promise<{
    readonly answer: T
    readonly send?: readonly Outgoing[]
    /** For work that answers several requests at once: the cause of a message by its key. */
    readonly causeOf?: (key: string) => Cause | undefined
  }>,
) => Promise<T>

export type TransactOptions = {
  readonly db: Database
  readonly platform: Platform
  readonly log: Pick<Partitioning, 'partitionOf'> & {
    /** Told after a commit which topics have something new; absent where nobody reads in this process. */
    readonly committed?: (topics: ReadonlySet<string>) => void
  }
  /** Told after a commit what was written to the log. */
  readonly written?: Sending['written']
  readonly enqueue: Enqueue
}

/** How a service changes its tables and tells of it: both in one transaction. */
export const openTransact = ({
  db,
  platform,
  log: { partitionOf, committed = () => undefined },
  written,
  enqueue,
}: TransactOptions): { readonly send: Send; readonly transact: Transact } => {
  const send = sender({ platform, partitionOf, committed, written, enqueue })
  const transact: Transact = async (request, work) => {
    const answer = await db.transaction(async (tx) => {
      const { answer, send: outgoing = [], causeOf = () => request.cause } = await work(tx)
      send(tx, outgoing, causeOf)
      platform.failpoint('request.before-commit')
      return answer
    })
    platform.failpoint('request.after-commit')
    return answer
  }
  return { send, transact }
}
