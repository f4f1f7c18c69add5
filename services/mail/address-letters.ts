import type { JobRequest } from '@kit/messaging/outgoing'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { dedupeKey, SendLetter } from './letter.ts'
import type { Letter, Recipient } from './letter.ts'

const selectRecipients = sql<{ account_id: string } & Recipient>(import.meta.url, 'select-recipients.sql')

/** A letter about a purchase, for a customer of whom only the account is named. */
export type ForCustomer = {
  readonly customer_id: string
  readonly letter: Extract<Letter, { readonly purchase_id: string }>
}

/** Asks for letters to be sent, each once, however often it is asked for. */
export const addressLetters = async (letters: readonly ForCustomer[], tx: Tx): Promise<readonly JobRequest[]> => {
  const rows = await tx.query(selectRecipients, [[...new Set(letters.map(({ customer_id }) => customer_id))]])
  const known = new Map(rows.map(({ account_id, email, first_name }) => [account_id, { email, first_name }]))
  return letters.map(({ customer_id, letter }) => {
    // The registration may still be on its way: it travels on another topic. The worker then looks again.
    const to = known.get(customer_id)
    return SendLetter(
      { about: letter.purchase_id, account_id: customer_id, ...(to && { to }), letter },
      { dedupe: dedupeKey(letter) },
    )
  })
}
