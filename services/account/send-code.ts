import { createHash, randomInt } from 'node:crypto'
import { SendVerificationCode } from '@argosy/contracts/messages/mail'
import type { Outgoing } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { AccountRow } from './account.ts'
import { CODE_LIFETIME } from './domain/verification.ts'

const upsertVerification = sql(import.meta.url, 'upsert-verification.sql')

/** Six digits; kept as a hash, like everything that proves who somebody is. */
export const codeHash = (code_id: string, code: string): Buffer =>
  createHash('sha256').update(`${code_id}/${code}`).digest()

/** When it expires, and the command that sends it. */
export type NewCode = { readonly expires_at: string; readonly send: Outgoing }

/** Makes a code in place of the one before, and the command that sends it, for the same transaction. */
export const newCode = (
  tx: Tx,
  { id, email, first_name }: Pick<AccountRow, 'id' | 'email' | 'first_name'>,
  platform: Platform,
): NewCode => {
  const code_id = platform.newId()
  const code = randomInt(1_000_000).toString().padStart(6, '0')
  const now = platform.clock.now()
  const expires_at = new Date(now.getTime() + CODE_LIFETIME)
  void tx.query(upsertVerification, [id, code_id, codeHash(code_id, code), now, expires_at])
  const expiry = expires_at.toISOString()
  return {
    expires_at: expiry,
    send: SendVerificationCode({ account_id: id, code_id, email, first_name, code, expires_at: expiry }),
  }
}
