import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

const upsertRecipients = sql(import.meta.url, 'upsert-recipients.sql')

type Person = {
  readonly account_id: string
  readonly email: string
  readonly first_name: string
  readonly last_name: string
}

/** Remembers people as the last of what is told of each says: later messages name the account only. */
export const remember = async <P extends Person>(people: readonly P[], tx: Tx): Promise<readonly P[]> => {
  const latest = [...new Map(people.map((person) => [person.account_id, person])).values()]
  await tx.query(upsertRecipients, [
    latest.map(({ account_id }) => account_id),
    latest.map(({ email }) => email),
    latest.map(({ first_name }) => first_name),
    latest.map(({ last_name }) => last_name),
  ])
  return latest
}
