import { Uuid } from '@argosy/contracts/fields'
import { cursor } from '@kit/http/cursor'
import type { Page } from '@kit/http/cursor'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { isRefusal } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { Compose, Composed } from '../compose.ts'
import type { Letter } from '../letter.ts'

type Row = {
  readonly id: string
  readonly account_id: string
  readonly email: string
  readonly first_name: string
  readonly letter: Letter
  readonly received_at: Date
}

/** A kept letter, rendered as it would have been sent. */
export type Message = Composed & {
  readonly id: string
  readonly account_id: string
  readonly to: string
  readonly template: string
  /** RFC 3339, UTC. */
  readonly received_at: string
}

/** Which messages: those to one address, those of the place that a page before this one named. */
export type Wanted = { readonly to?: string; readonly limit: number; readonly cursor?: string }

const place = cursor(Uuid)

const selectMessages = sql<Row>(import.meta.url, 'select-messages.sql')
const selectMessage = sql<Row>(import.meta.url, 'select-message.sql')
const selectMessagesAbout = sql<Row>(import.meta.url, 'select-messages-about.sql')

/** A page of the mailbox, newest first. */
export const listMessages = async (
  db: Queryable,
  compose: Compose,
  { to, limit, cursor }: Wanted,
): Promise<Page<Message> | Refusal> => {
  const olderThan = place.read(cursor, to)
  if (isRefusal(olderThan)) return olderThan
  const rows = await db.query(selectMessages, [to || null, olderThan ?? null, limit + 1])
  return place.page(
    rows.map((row) => render(row, compose)),
    limit,
    ({ id }) => id,
    to,
  )
}

/** One message, or nothing. */
export const findMessage = async (db: Queryable, compose: Compose, id: string): Promise<Message | undefined> => {
  const [row] = await db.query(selectMessage, [id])
  return row && render(row, compose)
}

/** What its customer was told of a purchase. */
export const messagesAbout = async (
  db: Queryable,
  compose: Compose,
  purchase_id: string,
): Promise<readonly Message[]> => {
  const keys = ['completed', 'refused', 'cancelled'].map((outcome) => `purchase-${outcome}/${purchase_id}`)
  return (await db.query(selectMessagesAbout, [keys])).map((row) => render(row, compose))
}

const render = ({ id, account_id, email, first_name, letter, received_at }: Row, compose: Compose): Message => ({
  id,
  account_id,
  to: email,
  template: letter.template,
  received_at: received_at.toISOString(),
  ...compose({ email, first_name }, letter),
})
