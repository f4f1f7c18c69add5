import { Uuid } from '@argosy/contracts/fields'
import { cursor } from '@kit/http/cursor'
import type { Page } from '@kit/http/cursor'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { isRefusal } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { templatesNamed } from '../compose.ts'
import type { Compose, Composed } from '../compose.ts'
import { purchaseOf } from '../letter.ts'
import type { Letter } from '../letter.ts'
import { sourceOf } from '../mailer/mail.ts'
import type { Sender } from '../mailer/mail.ts'

type Row = {
  readonly id: string
  readonly account_id: string
  readonly email: string
  readonly first_name: string
  readonly letter: Letter
  readonly received_at: Date
}

/** A kept letter, rendered as it would have been sent. */
export type Message = Omit<Composed, 'unsubscribe'> & {
  readonly id: string
  readonly account_id: string
  readonly to: string
  readonly template: string
  /** The purchase that it tells of. */
  readonly purchase_id?: string
  /** RFC 3339, UTC. */
  readonly received_at: string
}

/** What narrows the list; all of it must be so. */
export type Filter = {
  /** The whole address. */
  readonly to?: string | undefined
  readonly template?: string | undefined
  /** The id of the purchase or account that it tells of. */
  readonly about?: string | undefined
  /** Words that stand in the address, the subject, or what the letter says. */
  readonly q?: string | undefined
}

/** Which messages: a page of at most `limit`, from the place that the page before this one named. */
export type Wanted = Filter & { readonly limit: number; readonly cursor?: string }

/** What it takes to show a letter: how it is rendered, and who sends it. */
export type Stationery = { readonly compose: Compose; readonly from: Sender }

const place = cursor(Uuid)

const selectMessages = sql<Row>(import.meta.url, 'select-messages.sql')
const selectMessage = sql<Row>(import.meta.url, 'select-message.sql')
const selectMessagesAbout = sql<Row>(import.meta.url, 'select-messages-about.sql')

/** A page of the mailbox, newest first. */
export const listMessages = async (
  db: Queryable,
  { compose, from }: Stationery,
  wanted: Wanted,
): Promise<Page<Message> | Refusal> => {
  const { template, about, limit } = wanted
  // The command line asks as well, and what it is given has passed no schema.
  const [to, q] = [wanted.to?.trim(), wanted.q?.normalize()]
  const filter = to || template || about || q ? [to, template, about, q].map((word) => word ?? '') : undefined
  const olderThan = place.read(wanted.cursor, filter)
  if (isRefusal(olderThan)) return olderThan
  const rows = await db.query(selectMessages, [
    to || null,
    template || null,
    about || null,
    q ? `%${q.replaceAll(/[\\%_]/g, '\\$&')}%` : null,
    q ? templatesNamed(q, from.name) : [],
    olderThan ?? null,
    limit + 1,
  ])
  return place.page(
    rows.map((row) => render(row, compose)),
    limit,
    ({ id }) => id,
    filter,
  )
}

/** One message, or nothing. */
export const findMessage = async (db: Queryable, { compose }: Stationery, id: string): Promise<Message | undefined> => {
  const [row] = await db.query(selectMessage, [id])
  return row && render(row, compose)
}

/** One message as it would go over the wire, headers and all, or nothing. */
export const findSource = async (
  db: Queryable,
  { compose, from }: Stationery,
  id: string,
): Promise<string | undefined> => {
  const [row] = await db.query(selectMessage, [id])
  if (row === undefined) return undefined
  const letter = addressed(row)
  return sourceOf(letter, compose(letter, row.received_at), from, row.received_at)
}

/** What its customer was told of a purchase, oldest first. */
export const messagesAbout = async (
  db: Queryable,
  { compose }: Stationery,
  purchase_id: string,
): Promise<readonly Message[]> =>
  (await db.query(selectMessagesAbout, [purchase_id])).map((row) => render(row, compose))

const addressed = ({ account_id, email, first_name, letter }: Row) => ({
  account_id,
  to: { email, first_name },
  letter,
})

const render = (row: Row, compose: Compose): Message => {
  const { id, account_id, email, letter, received_at } = row
  const { subject, html, text } = compose(addressed(row), received_at)
  const purchase_id = purchaseOf(letter)
  return {
    id,
    account_id,
    to: email,
    template: letter.template,
    ...(purchase_id !== undefined && { purchase_id }),
    received_at: received_at.toISOString(),
    subject,
    html,
    text,
  }
}
