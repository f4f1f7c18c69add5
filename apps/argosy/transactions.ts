import type { Resources } from '@kit/http/route'
import { enqueue } from '@kit/jobs/enqueue'
import { sender } from '@kit/messaging/send'
import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'

/**
 * Changes and the messages that tell of them in one transaction, for a command outside the running shop. Its readers find
 * the messages at their next look.
 */
export const transactionsOf = (db: Database, platform: Platform): Resources['transact'] => {
  const send = sender({
    platform,
    wake: () => undefined,
    enqueue: (tx, requests, causeOf) => enqueue(tx, requests, platform, undefined, causeOf),
  })
  return (request, work) =>
    db.transaction(async (tx) => {
      const { answer, send: outgoing = [] } = await work(tx)
      send(tx, outgoing, () => request.cause)
      return answer
    })
}
