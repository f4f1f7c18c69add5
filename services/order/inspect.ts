import type { Queryable } from '@kit/postgres/queryable'
import { project } from './domain/projection.ts'
import type { OrderRow, Recorded } from './domain/projection.ts'
import { loadEvents } from './event-store.ts'
import { orderDocument, placedOrder } from './order-document.ts'

export { diagram } from './domain/lifecycle.ts'

/** What has happened to an order, oldest first; nothing when there is none. */
export const historyOf = async (db: Queryable, id: string): Promise<readonly Recorded[]> =>
  (await loadEvents(db, [id])).get(id) ?? []

export type OrderThen = ReturnType<typeof orderDocument>

/** The order as its customer saw it at that time; undefined when it was not placed yet, or never. */
export const orderAsOf = async (db: Queryable, id: string, time: Date): Promise<OrderThen | undefined> => {
  const until = upTo(time, await historyOf(db, id))
  const row = until.reduce<OrderRow | undefined>(project, undefined)
  const placed =
    row &&
    placedOrder(
      row,
      until.map(({ event }) => event),
    )
  return placed && orderDocument(placed)
}

/** The beginning of a stream. Clocks jump: what comes after a later event has not happened yet, whatever its own time says. */
const upTo = (time: Date, stream: readonly Recorded[]): readonly Recorded[] => {
  const end = stream.findIndex(({ at }) => at > time)
  return end < 0 ? stream : stream.slice(0, end)
}
