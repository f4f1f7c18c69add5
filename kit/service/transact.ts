import type { Resources } from '@kit/http/route'
import { enqueue } from '@kit/jobs/enqueue'
import type { Jobs } from '@kit/jobs/jobs'
import type { Partitioning } from '@kit/log/log'
import type { Send } from '@kit/messaging/outgoing'
import { sender } from '@kit/messaging/send'
import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'

export type TransactOptions = {
  readonly db: Database
  readonly platform: Platform
  readonly log: Pick<Partitioning, 'partitionOf'> & {
    /** Told after a commit which topics have something new; absent where nobody reads in this process. */
    readonly committed?: (topics: ReadonlySet<string>) => void
  }
  /** Who does the service's jobs, once it is open; the job table alone is asked where nobody does. */
  readonly jobs?: () => Jobs | undefined
}

/** How a service changes its tables and tells of it: both in one transaction. */
export const openTransact = ({
  db,
  platform,
  log: { partitionOf, committed = () => undefined },
  jobs = () => undefined,
}: TransactOptions): { readonly send: Send; readonly transact: Resources['transact'] } => {
  const send = sender({
    platform,
    partitionOf,
    committed,
    enqueue: (tx, requests, causeOf) => enqueue(tx, requests, platform, jobs(), causeOf),
  })
  const transact: Resources['transact'] = async (request, work) => {
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
