import { AccountUpdated } from '@argosy/contracts/messages/account'
import type { FactsProjection } from '@kit/facts/facts'
import { onBatch } from '@kit/messaging/consumer'
import { sql } from '@kit/postgres/statement'
import { remember } from '../recipients.ts'

const deleteRecipients = sql(import.meta.url, 'delete-recipients.sql')

/** What an account is now is remembered; nobody is written to for it. */
export const rememberAccount = onBatch(AccountUpdated, async (accounts, tx) => {
  await remember(accounts, tx)
  return []
})

/** While it is being told anew, letters wait for their recipients. */
export const recipients: FactsProjection = {
  name: 'recipients',
  what: 'whom letters go to, from the accounts',
  from: [AccountUpdated],
  clear: (tx) => void tx.query(deleteRecipients),
}
