import { SendVerificationCode } from '@argosy/contracts/messages/mail'
import { onBatch } from '@kit/messaging/consumer'
import { dedupeKey, SendLetter } from '../letter.ts'
import type { Letter } from '../letter.ts'

/** A verification code travels by mail, once per code. */
export const sendVerificationCode = onBatch(SendVerificationCode, async (commands) =>
  commands.map(({ account_id, code_id, code, email, first_name, expires_at }) => {
    const letter: Letter = { template: 'verification', code_id, code, expires_at }
    return SendLetter(
      { about: account_id, account_id, to: { email, first_name }, letter },
      { dedupe: dedupeKey(letter) },
    )
  }),
)
