import { WatchPurchase } from '@argosy/contracts/http/purchase'
import { eventStream } from '@kit/http/event-stream'
import type { ServerSentEvent } from '@kit/http/event-stream'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { readHistory } from '@kit/saga/state'
import type { HistoryLine } from '@kit/saga/state'
import type { Full, Watchers } from '@kit/saga/watching/watchers'
import { lineView, purchaseNotFound } from '../purchase-view.ts'

type Row = {
  readonly version: number
  readonly ended: boolean
  /** Null while it has not ended. */
  readonly history: string | null
}

const selectProgress = sql<Row>(import.meta.url, 'select-progress.sql')

/** Tells the story as it happens, from after the line that the client saw last, and ends with it. */
export const watchPurchase = (watchers: Watchers): Route =>
  route(WatchPurchase, async ({ params, caller, headers, signal }, { db }) => {
    const [row] = await db.query(selectProgress, [params.id, caller.id])
    if (row === undefined) return purchaseNotFound(params.id)
    const seen = seenBy(headers['last-event-id'])
    const last = readHistory(row.history ?? '').at(-1)
    // No content is what tells an EventSource not to come back (HTML, 9.2.3).
    if (last !== undefined && last.n <= seen) return { answer: lineView(last), status: 204, headers: {} }
    const watcher = watchers.enter(params.id, row.version)
    if ('full' in watcher) return tooMany(watcher)
    // The client may go before the stream has begun; the place is free then as well.
    const leave = (): void => watcher[Symbol.dispose]()
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    return eventStream(async function* (over): AsyncGenerator<ServerSentEvent> {
      using _place = watcher
      for await (const line of watcher.lines(seen, over)) yield eventOf(line)
    })
  })

const RETRY_AFTER = 5

const tooMany = ({ full }: Full): Refusal<'rate-limited' | 'unavailable'> =>
  full === 'each'
    ? refuse('rate-limited', { detail: 'Too many watch this purchase already.', retryAfter: RETRY_AFTER })
    : refuse('unavailable', { detail: 'As many purchases are watched here as can be.', retryAfter: RETRY_AFTER })

const eventOf = (line: HistoryLine): ServerSentEvent => ({
  id: String(line.n),
  event: line.what === 'ended' ? (line.detail ?? 'ended') : line.what,
  data: lineView(line),
})

const seenBy = (lastEventId: string | undefined): number =>
  lastEventId !== undefined && /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) : 0
