import { sql } from '@kit/postgres/statement'
import { dedupeKey } from '../letter.ts'
import type { Mailer } from '../mailer.ts'

const insertMessages = sql(import.meta.url, 'insert-messages.sql')

/** Keeps mail in the service's own table, where the mailbox page and its API show it. Nothing leaves the house. */
export const inbox = (): Mailer => ({
  concurrency: 500,
  leavesTheHouse: false,
  bounces: false,
  send: async () => {},
  keep: async (letters, tx, platform) => {
    void tx.query(insertMessages, [
      letters.map(() => platform.newId()),
      letters.map(({ letter }) => dedupeKey(letter)),
      letters.map(({ account_id }) => account_id),
      letters.map(({ to }) => to.email),
      letters.map(({ to }) => to.first_name),
      letters.map(({ letter }) => JSON.stringify(letter)),
      platform.clock.now(),
    ])
  },
})
