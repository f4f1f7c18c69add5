import { WatchPurchase } from '@argosy/contracts/http/purchase'
import { eventStream } from '@kit/http/event-stream'
import type { ServerSentEvent } from '@kit/http/event-stream'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import type { Changes } from '@kit/saga/changes'
import { followSaga } from '@kit/saga/follow'
import { readHistory } from '@kit/saga/state'
import type { HistoryLine } from '@kit/saga/state'
import { lineView, purchaseNotFound } from '../purchase-view.ts'

const selectProgress = sql<{ history: string; ended: boolean }>(import.meta.url, 'select-progress.sql')

/** Tells the story as it happens, from after the line that the client saw last, and ends with it. */
export const watchPurchase = (changes: Changes): Route =>
  route(WatchPurchase, async ({ params, caller, headers }, { db }) => {
    const [row] = await db.query(selectProgress, [params.id, caller.id])
    if (row === undefined) return purchaseNotFound(params.id)
    const seen = seenBy(headers['last-event-id'])
    const last = readHistory(row.history).at(-1)
    // No content is what tells an EventSource not to come back (HTML, 9.2.3).
    if (row.ended && last !== undefined && last.n <= seen) return { answer: lineView(last), status: 204, headers: {} }
    return eventStream(async function* (signal): AsyncGenerator<ServerSentEvent> {
      for await (const line of followSaga(db, params.id, seen, changes, signal)) yield eventOf(line)
    })
  })

const eventOf = (line: HistoryLine): ServerSentEvent => ({
  id: String(line.n),
  event: line.what === 'ended' ? (line.detail ?? 'ended') : line.what,
  data: lineView(line),
})

const seenBy = (lastEventId: string | string[] | undefined): number =>
  typeof lastEventId === 'string' && /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) : 0
