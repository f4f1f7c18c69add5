import { AccountRegistered } from '@argosy/contracts/messages/account'
import { onBatch } from '@kit/messaging/consumer'
import { dedupeKey, SendLetter } from '../letter.ts'
import type { Letter } from '../letter.ts'
import { remember } from '../recipients.ts'

/** A new account is greeted, and remembered. */
export const welcomeAccount = onBatch(AccountRegistered, async (accounts, tx) =>
  (await remember(accounts, tx)).map(({ account_id, email, first_name }) => {
    const letter: Letter = { template: 'welcome', account_id }
    return SendLetter(
      { about: account_id, account_id, to: { email, first_name }, letter },
      { dedupe: dedupeKey(letter) },
    )
  }),
)
