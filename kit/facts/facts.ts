import type { AnyMessageType, Message } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'

/**
 * Some of what a service knows, as events. `last` is the key after which the next page begins; undefined: there is
 * none.
 */
export type Page = { readonly messages: readonly Message[]; readonly last: string | undefined }

/**
 * What a service knows of one kind of thing, told to groups that begin to keep it, or begin anew.
 *
 * A page is read in the order of the keys, which never change, and its rows are locked `for share` until the page is
 * committed. So a fact and the changes of its row stand in the log in the order in which they became true: a change
 * that is under way is awaited, and the page has what it has made; one that comes later waits for the page, and only
 * then draws its number in the log. What is inserted or removed meanwhile is told by its own event. All this holds
 * because a change locks its row before it tells of it.
 */
export type Facts = {
  readonly name: string
  /**
   * The events that it is told as, of the service's own. They say how something is now, and nothing else is concluded
   * from them.
   */
  readonly types: readonly AnyMessageType[]
  readonly page: (tx: Tx, after: string | undefined, limit: number) => Promise<Page>
}

/** The page that up to `limit` rows make. */
export const pageOf = <Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
  told: (row: Row) => Message,
): Page => {
  const last = rows.at(-1)
  return { messages: rows.map(told), last: last === undefined || rows.length < limit ? undefined : keyOf(last) }
}

/** Rows that a service keeps of what others own, and can make anew from their facts. */
export type FactsProjection = {
  readonly name: string
  /** What it holds, and of whom, in a few words. */
  readonly what: string
  /** The events that tell of its facts, of one owner or several; the service handles them in any case. */
  readonly from: readonly AnyMessageType[]
  /** Empties it, before all is told anew. Only issued: the commit waits for it. */
  readonly clear: (tx: Tx) => void
}

/** The service that a message type is named after: who owns its facts. */
export const ownerOf = ({ type }: Pick<AnyMessageType, 'type'>): string => type.slice(0, type.indexOf('.'))
