import type { Queryable } from '@kit/postgres/queryable'
import type { Changes } from './changes.ts'
import { showSaga } from './inspect.ts'
import { isEnded } from './state.ts'
import type { HistoryLine } from './state.ts'

/** How long a change in another process may stay unseen, in ms. */
const POLL = 2_000

/** The history as it grows: each line once, from after line `seen`, until the saga has ended; one that rests has not. */
export async function* followSaga(
  db: Queryable,
  id: string,
  seen: number,
  changes: Changes,
  signal: AbortSignal,
): AsyncGenerator<HistoryLine> {
  using watch = changes.watch(id)
  for (let n = seen; !signal.aborted;) {
    const saga = await showSaga(db, id)
    for (const line of saga?.history.slice(n) ?? []) {
      n = line.n
      yield line
    }
    if (saga === undefined || isEnded(saga.state)) return
    await watch.next(POLL, signal)
  }
}
