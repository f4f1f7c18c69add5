import type { AnyMessageType, Message } from '@kit/message/message'
import type { Send } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { ownerOf, type FactsProjection } from './facts.ts'
import { tellFacts } from './messages.ts'

/** How far what was asked for has come, by owner. */
export type Asked = {
  readonly owner: string
  /** Which time of asking it is. */
  readonly id: string
  readonly asked_at: Date
  /** When the last of it was read; null until then. */
  readonly read_at: Date | null
  /** How many facts that were. */
  readonly told: number
}

const upsertAsking = sql(import.meta.url, 'upsert-asking.sql')
const selectAsking = sql<Asked>(import.meta.url, 'select-asking.sql')

export type Asking = {
  /** The group that is to be told, which is the name of the service. */
  readonly reader: string
  readonly send: Send
  readonly platform: Platform
}

/**
 * Asks the owners of a projection to tell the group all that they know of it. They do so in the background, in order
 * with live events: `askedFor` shows how far that has come.
 */
export const askForFacts = (tx: Tx, { reader, send, platform }: Asking, projection: FactsProjection): void => {
  const asks = [...new Set(projection.from.map(ownerOf))].map((owner) => ({ owner, id: platform.newId() }))
  void tx.query(upsertAsking, [projection.name, asks.map(({ owner }) => owner), asks.map(({ id }) => id)])
  send(
    tx,
    asks.map(({ owner, id }) => commandFor(projection, owner, id, reader)),
  )
}

/** What one owner is asked for. */
export const commandFor = ({ name, from }: FactsProjection, owner: string, asking: string, reader: string): Message =>
  tellFacts(owner)({
    asking,
    reader,
    projection: name,
    types: from.filter((type) => ownerOf(type) === owner).map(({ type }) => type),
  })

/** Empties a projection and has it told anew, in the caller's transaction. */
export const beginAnew = (tx: Tx, asking: Asking, projection: FactsProjection): void => {
  projection.clear(tx)
  askForFacts(tx, asking, projection)
}

/** The part of a projection that is told on these topics; undefined when none of it is. */
export const partOn = (topics: readonly string[], projection: FactsProjection): FactsProjection | undefined => {
  const from = projection.from.filter(({ topic }: AnyMessageType) => topics.includes(topic))
  return from.length === 0 ? undefined : { ...projection, from }
}

/** What was asked for a projection the last time, whether or not the owners have begun. */
export const askedFor = (db: Queryable, projection: string): Promise<readonly Asked[]> =>
  db.query(selectAsking, [projection])
