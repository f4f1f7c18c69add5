import { LogIn } from '@argosy/contracts/http/account'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { AccountRow } from '../account.ts'
import { emailKey } from '../domain/email.ts'
import type { Passwords } from '../password/passwords.ts'
import type { Sessions } from '../session/sessions.ts'

const selectCredentials = sql<AccountRow & { readonly password_hash: string | null }>(
  import.meta.url,
  'select-credentials.sql',
)
const updatePasswordHash = sql(import.meta.url, 'update-password-hash.sql')

/** Whoever knows an account's e-mail address and password is signed in. The answer tells no more than that. */
export const logIn = (passwords: Passwords, sessions: Sessions) =>
  route(LogIn, async ({ body, cause, signal }, { db, transact }) => {
    const [account] = await db.query(selectCredentials, [emailKey(body.email)])
    const known = account?.password_hash ?? undefined
    const right = await passwords.matches(known, body.password, signal)
    if (isRefusal(right)) return right
    if (!right || account === undefined || known === undefined) return failed

    // An old hash can be renewed only while the password is here.
    const renewed = passwords.outdated(known) ? await passwords.hash(body.password, signal) : known
    const session = await transact({ cause }, async (tx) => {
      if (renewed !== known && !isRefusal(renewed)) void tx.query(updatePasswordHash, [account.id, known, renewed])
      return { answer: sessions.open(tx, account.id) }
    })
    return sessions.answer(account, session)
  })

const failed = refuse('sign-in-failed', { detail: 'No account has this e-mail address and this password.' })
