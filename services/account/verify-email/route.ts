import { timingSafeEqual } from 'node:crypto'
import { Verify } from '@argosy/contracts/http/account'
import { AccountVerified } from '@argosy/contracts/messages/account'
import type { Outgoing } from '@kit/messaging/outgoing'
import { route } from '@kit/http/route'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { AccountRow } from '../account.ts'
import { selectAccount, shown } from '../account.ts'
import { judgeCode } from '../domain/verification.ts'
import { codeHash } from '../send-code.ts'

type CodeRow = {
  readonly code_id: string
  readonly code_hash: Buffer
  readonly tries: number
  readonly sent_at: Date
  readonly expires_at: Date
}

const lockVerification = sql<CodeRow>(import.meta.url, 'lock-verification.sql')
const countTry = sql(import.meta.url, 'count-try.sql')
const activateAccount = sql<AccountRow>(import.meta.url, 'activate-account.sql')

type Outcome = { readonly answer: AccountRow | Refusal; readonly send?: readonly Outgoing[] }

/** The code from the mail proves that the address is the caller's. Proven twice is proven. */
export const verifyEmail = route(Verify, async ({ body, caller, cause }, { transact, platform }) => {
  const outcome = await transact({ cause }, (tx) => verify(tx, caller.id, body.code, platform.clock.now()))
  return isRefusal(outcome) ? outcome : { account: shown(outcome) }
})

const verify = async (tx: Tx, account_id: string, code: string, now: Date): Promise<Outcome> => {
  const [sent] = await tx.query(lockVerification, [account_id])
  const matches = sent !== undefined && timingSafeEqual(sent.code_hash, codeHash(sent.code_id, code))
  const verdict = judgeCode(sent && times(sent), matches, now.getTime())
  switch (verdict) {
    case 'right': {
      const [account] = await tx.query(activateAccount, [account_id, now])
      if (account === undefined) throw new Error(`the account ${account_id} that was sent a code is not there`)
      const { email, first_name, last_name } = account
      return { answer: account, send: [AccountVerified({ account_id, email, first_name, last_name })] }
    }
    case 'wrong-code':
      await tx.query(countTry, [account_id])
      return { answer: refuse(verdict, { detail: 'This is not the code in the latest mail.', errors: WHERE }) }
    case 'too-many-tries':
      return { answer: refuse(verdict, { detail: 'Ask for a new code: POST /api/v1/account/verify/resend.' }) }
    case 'code-expired':
      return { answer: (await verifiedBefore(tx, account_id)) ?? expired }
  }
}

const WHERE = [{ pointer: '/code', detail: 'is not the code that was sent' }]
const expired = refuse('code-expired', { detail: 'Ask for a new code: POST /api/v1/account/verify/resend.' })

const verifiedBefore = async (tx: Tx, account_id: string): Promise<AccountRow | undefined> => {
  const [account] = await tx.query(selectAccount, [account_id])
  return account?.active === true ? account : undefined
}

const times = ({ sent_at, expires_at, tries }: CodeRow) => ({
  sentAt: sent_at.getTime(),
  expiresAt: expires_at.getTime(),
  tries,
})
