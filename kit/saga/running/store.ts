import type { Message } from '@kit/message/message'
import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { advance, begin } from '../advance.ts'
import type { Input } from '../advance.ts'
import { isFinishable, stepNamesOf } from '../definition.ts'
import type { Saga } from '../saga.ts'
import { entryOf, isEnded, statusOf, stepOf } from '../state.ts'
import type { Line, State } from '../state.ts'
import type { Remembered, SagaMemory } from './memory.ts'

type Row = Remembered & {
  /** Somebody has asked for another try. */
  readonly retry: boolean
}

const insertSagas = sql(import.meta.url, 'insert-sagas.sql')
const loadSagas = sql<Row>(import.meta.url, 'load-sagas.sql')
const loadDueSagas = sql<Row>(import.meta.url, 'load-due-sagas.sql')
const saveSagas = sql(import.meta.url, 'save-sagas.sql')

/** A saga in memory while a batch is applied to it. */
type Loaded = Row & { now: State; lines: Line[]; wait: number | undefined }

const loaded = (row: Row): Loaded => ({ ...row, now: row.state, lines: [], wait: undefined })

/** The sagas with these ids, by id; unknown ids are absent. What is in memory is not read. */
export const load = async (
  db: Queryable,
  saga: Saga,
  ids: Iterable<string>,
  memory: SagaMemory,
): Promise<ReadonlyMap<string, Loaded>> => {
  const { known, unknown } = memory.take(ids)
  const read = unknown.length === 0 ? [] : await db.query(loadSagas, [saga.name, unknown])
  return new Map([...known.map((one) => ({ ...one, retry: false })), ...read].map((row) => [row.id, loaded(row)]))
}

/** Open sagas whose deadline has passed and that this release can finish, oldest first. */
export const loadDue = async (
  db: Queryable,
  saga: Saga,
  shortest: number,
  limit: number,
): Promise<readonly Loaded[]> => {
  const rows = await db.query(loadDueSagas, [saga.name, shortest, limit, saga.definitions, stepNamesOf(saga)])
  return rows.filter((row) => isFinishable(saga, row)).map(loaded)
}

/** Moves a loaded saga on, in memory. Returns what is to be sent. */
export const apply = (saga: Saga, one: Loaded, input: Input, now: Date): readonly Message[] => {
  const { state, send, history, wait } = advance(saga, one.data, one.now, input, now)
  one.now = state
  one.lines.push(...history)
  one.wait = wait ?? one.wait
  return send
}

/** Writes what has moved: one statement, which nobody needs to wait for before the commit. */
export const save = (tx: Tx, sagas: Iterable<Loaded>, memory: SagaMemory): void => {
  const moved = [...sagas].filter(({ lines }) => lines.length > 0)
  if (moved.length === 0) return
  // In one order everywhere, so that two writers cannot wait for each other.
  moved.sort((a, b) => (a.id < b.id ? -1 : 1))
  void tx.query(saveSagas, [
    moved.map(({ id }) => id),
    moved.map(({ version }) => version),
    moved.map(({ now }) => statusOf(now)),
    moved.map(({ now }) => stepOf(now)),
    moved.map(({ now }) => JSON.stringify(now)),
    moved.map(({ lines }) => entryOf(lines)),
    moved.map(({ wait }) => wait),
  ])
  // One that rests is not heard of for hours: it need not push others out.
  const open = moved.filter(({ now }) => !isEnded(now) && now.phase !== 'resting')
  tx.afterCommit(() =>
    memory.keep(
      open.map(({ id, data, now, version, definition }) => ({
        id,
        data,
        state: now,
        version: version + 1,
        definition,
      })),
    ),
  )
}

/**
 * Writes new sagas in the caller's transaction, one statement that nobody needs to wait for before the commit. Returns the
 * first commands, to be sent in the same transaction.
 */
export const start = <Data>(
  tx: Tx,
  saga: Saga<Data>,
  births: readonly { readonly id: string; readonly data: Data }[],
  now: Date,
  memory: SagaMemory,
): readonly Message[] => {
  const begun = births.map(({ id, data }) => ({ id, data, ...begin(saga, data, now) }))
  void tx.query(insertSagas, [
    saga.name,
    begun.map(({ id }) => id),
    begun.map(({ data }) => JSON.stringify(data)),
    begun.map(({ state }) => statusOf(state)),
    begun.map(({ state }) => stepOf(state)),
    begun.map(({ state }) => JSON.stringify(state)),
    begun.map(({ history }) => entryOf(history)),
    begun.map(({ wait }) => wait ?? 0),
    saga.version,
  ])
  const definition = saga.version
  tx.afterCommit(() => memory.keep(begun.map(({ id, data, state }) => ({ id, data, state, version: 1, definition }))))
  return begun.flatMap(({ send }) => send)
}
