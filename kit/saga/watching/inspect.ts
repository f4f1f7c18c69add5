import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { readHistory } from '../state.ts'
import type { HistoryLine, State, Status } from '../state.ts'

/** A saga as a list shows it. */
export type ListedSaga = {
  readonly id: string
  readonly name: string
  /** The version of the definition that it began with. */
  readonly definition: number
  readonly status: Status
  readonly step: string
  readonly created_at: Date
  readonly updated_at: Date
  /** When it asks again unless a reply comes; infinity is a retry that waits. */
  readonly deadline: Date | number
}

/** One saga with all that has happened. */
export type ShownSaga = ListedSaga & {
  readonly data: unknown
  readonly state: State
  /** Since when it does nothing any more: it has ended, or rests. */
  readonly ended_at: Date | null
  readonly history: readonly HistoryLine[]
}

const selectOpenSagas = sql<ListedSaga>(import.meta.url, 'select-open-sagas.sql')
const selectSaga = sql<Omit<ShownSaga, 'history'> & { history: string }>(import.meta.url, 'select-saga.sql')
const retryDueNow = sql<{ id: string }>(import.meta.url, 'retry-saga.sql')

/** Open sagas, oldest first; only those older than so many seconds. */
export const listOpenSagas = (db: Queryable, olderThan = 0, limit = 100): Promise<readonly ListedSaga[]> =>
  db.query(selectOpenSagas, [olderThan, limit])

/** One saga, or undefined when there is none with this id. */
export const showSaga = async (db: Queryable, id: string): Promise<ShownSaga | undefined> => {
  const [row] = await db.query(selectSaga, [id])
  return row && { ...row, history: readHistory(row.history) }
}

/** Has an open saga ask again at the next sweep, without counting it as an attempt. False when it has ended, rests or is none. */
export const retrySaga = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(retryDueNow, [id])).length > 0
