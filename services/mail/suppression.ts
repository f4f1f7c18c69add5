import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

/** An address to which nothing is sent any more. */
export type Suppressed = {
  readonly email: string
  readonly reason: string
  readonly since: Date
  /** Letters that were not sent because of it. */
  readonly unsent: number
}

const selectSuppressed = sql<Suppressed>(import.meta.url, 'select-suppressed.sql')
const selectIsSuppressed = sql<{ email: string }>(import.meta.url, 'select-is-suppressed.sql')
const insertSuppressed = sql(import.meta.url, 'insert-suppressed.sql')
const countUnsent = sql(import.meta.url, 'count-unsent.sql')
const deleteSuppressed = sql<{ email: string }>(import.meta.url, 'delete-suppressed.sql')

/** Addresses that are not written to, the latest first. */
export const listSuppressed = (db: Queryable, limit: number): Promise<readonly Suppressed[]> =>
  db.query(selectSuppressed, [limit])

export const isSuppressed = async (db: Queryable, email: string): Promise<boolean> =>
  (await db.query(selectIsSuppressed, [email])).length > 0

export const suppress = async (db: Queryable, email: string, reason: string, at: Date): Promise<void> => {
  await db.query(insertSuppressed, [email, reason, at])
}

/** Counts letters that were not sent, one for each address given. */
export const rememberUnsent = async (tx: Tx, emails: readonly string[]): Promise<void> => {
  if (emails.length > 0) await tx.query(countUnsent, [emails])
}

/** The address may be written to again. False when it was not suppressed. */
export const lift = async (db: Queryable, email: string): Promise<boolean> =>
  (await db.query(deleteSuppressed, [email])).length > 0
