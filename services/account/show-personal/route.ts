import { ShowPersonal } from '@argosy/contracts/http/account'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import { shown } from '../account.ts'
import type { AccountRow } from '../account.ts'

const selectAccount = sql<AccountRow>(import.meta.url, '../select-account.sql')

/** Everyone sees their own account, and nobody another's. */
export const showPersonal = route(ShowPersonal, async ({ caller }, { db }) => {
  const [account] = await db.query(selectAccount, [caller.id])
  return account === undefined
    ? refuse('unauthenticated', { detail: 'The account of this access token is not here any more.' })
    : { account: shown(account) }
})
