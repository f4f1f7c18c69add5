import { randomBytes } from 'node:crypto'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

const selectSecret = sql<{ secret: string }>(import.meta.url, 'select-secret.sql')
const insertSecret = sql(import.meta.url, 'insert-secret.sql')

/** What seals the links in letters: made once and kept in the database. Safe for two starters: the first insert stays. */
export const loadSecret = async (db: Queryable): Promise<string> => {
  let [kept] = await db.query(selectSecret)
  if (kept === undefined) {
    await db.query(insertSecret, [randomBytes(32).toString('base64url')])
    ;[kept] = await db.query(selectSecret)
  }
  if (kept === undefined) throw new Error('there is no secret to seal links with')
  return kept.secret
}
