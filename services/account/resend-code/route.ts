import { ResendVerification } from '@argosy/contracts/http/account'
import { route } from '@kit/http/route'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { AccountRow } from '../account.ts'
import { resendIn } from '../domain/verification.ts'
import { newCode } from '../send-code.ts'
import type { NewCode } from '../send-code.ts'

const lockAccount = sql<Pick<AccountRow, 'id' | 'email' | 'first_name' | 'active'>>(import.meta.url, 'lock-account.sql')
const selectSent = sql<{ readonly sent_at: Date }>(import.meta.url, 'select-sent.sql')

/** A new code, at most once a minute. */
export const resendCode = route(ResendVerification, async ({ caller, cause }, { transact, platform }) => {
  const outcome = await transact<NewCode | Refusal>({ cause }, async (tx) => {
    const code = await resend(tx, caller.id, platform)
    return isRefusal(code) ? { answer: code } : { answer: code, send: [code.send] }
  })
  return isRefusal(outcome) ? outcome : { expires_at: outcome.expires_at }
})

const resend = async (tx: Tx, account_id: string, platform: Platform): Promise<NewCode | Refusal> => {
  // Locked first and read afterwards: of two that ask at once, the second sees what the first has sent.
  const [account] = await tx.query(lockAccount, [account_id])
  if (account === undefined)
    return refuse('unauthenticated', { detail: 'The account of this access token is not here.' })
  if (account.active) return refuse('already-verified', { detail: 'There is nothing left to verify.' })
  const [sent] = await tx.query(selectSent, [account_id])
  const pause = sent === undefined ? 0 : resendIn(sent.sent_at.getTime(), platform.clock.now().getTime())
  if (pause === 0) return newCode(tx, account, platform)
  return refuse('code-sent-recently', {
    detail: 'A code is sent at most once a minute. It may still be on its way.',
    retryAfter: Math.ceil(pause / 1000),
  })
}
