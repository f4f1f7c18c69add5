import { AccountRegistered } from '@argosy/contracts/messages/account'
import { onBatch } from '@kit/messaging/consumer'
import { sql } from '@kit/postgres/statement'
import { dedupeKey, SendLetter } from '../letter.ts'
import type { Letter } from '../letter.ts'

const upsertRecipients = sql(import.meta.url, 'upsert-recipients.sql')

/** A new account is greeted, and remembered: later messages name the account only. */
export const welcomeAccount = onBatch(AccountRegistered, async (accounts, tx) => {
  const latest = [...new Map(accounts.map((account) => [account.account_id, account])).values()]
  await tx.query(upsertRecipients, [
    latest.map((account) => account.account_id),
    latest.map((account) => account.email),
    latest.map((account) => account.first_name),
    latest.map((account) => account.last_name),
  ])
  return latest.map(({ account_id, email, first_name }) => {
    const letter: Letter = { template: 'welcome', account_id }
    return SendLetter(
      { about: account_id, account_id, to: { email, first_name }, letter },
      { dedupe: dedupeKey(letter) },
    )
  })
})
