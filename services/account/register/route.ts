import { Register } from '@argosy/contracts/http/account'
import { AccountRegistered } from '@argosy/contracts/messages/account'
import type { BodyOf } from '@kit/http/endpoint'
import { route } from '@kit/http/route'
import { ConstraintBroken } from '@kit/postgres/queryable'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { AccountRow } from '../account.ts'
import { emailKey } from '../domain/email.ts'
import type { Passwords } from '../password/passwords.ts'
import { newCode } from '../send-code.ts'
import type { Sessions } from '../session/sessions.ts'

const insertAccount = sql<AccountRow>(import.meta.url, 'insert-account.sql')

/** A new account is signed in at once; its address is verified by the code that goes out with it. */
export const register = (passwords: Passwords, sessions: Sessions) =>
  route(Register, async ({ body, cause, signal }, { transact, platform }) => {
    const password_hash = await passwords.hash(body.password, signal)
    if (isRefusal(password_hash)) return password_hash
    try {
      const { account, session } = await transact({ cause }, async (tx) => {
        const account = await insert(tx, body, password_hash, platform.newId(), platform.clock.now())
        const { id, email, first_name, last_name } = account
        const session = sessions.open(tx, id)
        const registered = AccountRegistered({ account_id: id, email, first_name, last_name })
        return { answer: { account, session }, send: [registered, newCode(tx, account, platform).send] }
      })
      return await sessions.answer(account, session)
    } catch (error) {
      if (error instanceof ConstraintBroken && error.constraint === 'email_belongs_to_one_account') return taken
      throw error
    }
  })

const taken = refuse('email-taken', {
  detail: 'Sign in with this e-mail address, or register another.',
  errors: [{ pointer: '/email', detail: 'belongs to an account' }],
})

const insert = async (
  tx: Tx,
  body: BodyOf<typeof Register>,
  hash: string,
  id: string,
  now: Date,
): Promise<AccountRow> => {
  const { email, first_name, last_name, address = '', phone_number = '' } = body
  const person = [email, emailKey(email), hash, first_name, last_name, address, phone_number]
  const [account] = await tx.query(insertAccount, [id, ...person, now])
  if (account === undefined) throw new Error('an inserted account was not returned')
  return account
}
