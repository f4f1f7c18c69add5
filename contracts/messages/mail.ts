import { command } from '@kit/message/message'
import Type from 'typebox'
import { Timestamp, Uuid } from '../fields.ts'

/** The code is valid until `expires_at`. One mail per `code_id`. */
export const SendVerificationCode = command(
  'mail.send-verification-code.v1',
  'account_id',
  Type.Object({
    account_id: Uuid,
    code_id: Uuid,
    email: Type.String(),
    first_name: Type.String(),
    code: Type.String(),
    expires_at: Timestamp,
  }),
)
