import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Compose, Composed } from '../compose/compose.ts'
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

/** Which messages: those to one address, those older than the cursor. */
export type Wanted = { readonly to?: string; readonly limit?: number; readonly cursor?: string }

export type MessagePage = { readonly messages: readonly Message[]; readonly next_cursor?: string }

const selectMessages = sql<Row>(import.meta.url, 'select-messages.sql')
const selectMessage = sql<Row>(import.meta.url, 'select-message.sql')

/** A page of the mailbox, newest first. */
export const listMessages = async (db: Queryable, compose: Compose, wanted: Wanted): Promise<MessagePage> => {
  const limit = wanted.limit ?? 50
  const rows = await db.query(selectMessages, [wanted.to ?? null, wanted.cursor ?? null, limit + 1])
  const messages = rows.slice(0, limit).map((row) => render(row, compose))
  const last = messages.at(-1)
  return { messages, ...(rows.length > limit && last && { next_cursor: last.id }) }
}

/** One message, or nothing. */
export const findMessage = async (db: Queryable, compose: Compose, id: string): Promise<Message | undefined> => {
  const [row] = await db.query(selectMessage, [id])
  return row && render(row, compose)
}

const render = ({ id, account_id, email, first_name, letter, received_at }: Row, compose: Compose): Message => ({
  id,
  account_id,
  to: email,
  template: letter.template,
  received_at: received_at.toISOString(),
  ...compose({ email, first_name }, letter),
})
