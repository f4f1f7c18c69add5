import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Saga } from '../saga.ts'
import { stepNamesOf } from '../definition.ts'
import { entryOf, statusOf, stepOf } from '../state.ts'
import type { Line } from '../state.ts'
import type { Remembered } from './memory.ts'

type Due = Remembered & {
  /** Somebody has asked for another try. */
  readonly retry: boolean
}

/** A saga and what of it is not written yet. */
export type Unwritten = Remembered & {
  /** What has happened since it was written. */
  readonly lines: readonly Line[]
  /** Until the next deadline, in ms; undefined: it stays as it is. */
  readonly wait: number | undefined
}

const insertSagas = sql(import.meta.url, 'insert-sagas.sql')
const loadSagas = sql<Remembered>(import.meta.url, 'load-sagas.sql')
const loadDueSagas = sql<Due>(import.meta.url, 'load-due-sagas.sql')
const saveSagas = sql(import.meta.url, 'save-sagas.sql')

/** The sagas with these ids; unknown ids are absent. */
export const read = async (db: Queryable, saga: Saga, ids: readonly string[]): Promise<readonly Remembered[]> =>
  ids.length === 0 ? [] : db.query(loadSagas, [saga.name, ids])

/**
 * Open sagas whose deadline has passed, oldest first; of another release only those that stand where ours could as well.
 * `shortest`: of all patiences, in ms.
 */
export const readDue = (db: Queryable, saga: Saga, shortest: number, limit: number): Promise<readonly Due[]> =>
  db.query(loadDueSagas, [saga.name, shortest, limit, saga.definitions, stepNamesOf(saga)])

/** Writes new sagas, one statement that nobody needs to wait for before the commit. */
export const insert = (tx: Tx, saga: Saga, sagas: readonly Unwritten[]): void => {
  if (sagas.length === 0) return
  void tx.query(insertSagas, [
    saga.name,
    sagas.map(({ id }) => id),
    sagas.map(({ data }) => JSON.stringify(data)),
    sagas.map(({ state }) => statusOf(state)),
    sagas.map(({ state }) => stepOf(state)),
    sagas.map(({ state }) => JSON.stringify(state)),
    sagas.map(({ lines }) => entryOf(lines)),
    sagas.map(({ wait }) => wait ?? 0),
    saga.version,
  ])
}

/**
 * Writes where sagas stand by now, one statement that nobody needs to wait for before the commit. It fails with a
 * serialization failure when one is not at its version any more.
 */
export const update = (tx: Tx, sagas: readonly Unwritten[]): void => {
  if (sagas.length === 0) return
  void tx.query(saveSagas, [
    sagas.map(({ id }) => id),
    sagas.map(({ version }) => version),
    sagas.map(({ state }) => statusOf(state)),
    sagas.map(({ state }) => stepOf(state)),
    sagas.map(({ state }) => JSON.stringify(state)),
    sagas.map(({ lines }) => entryOf(lines)),
    sagas.map(({ wait }) => wait),
  ])
}
