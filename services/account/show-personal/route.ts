import { ShowPersonal } from '@argosy/contracts/http/account'
import { route } from '@kit/http/route'
import { refuse } from '@kit/problem/refusal'
import { selectAccount, shown } from '../account.ts'

/** Everyone sees their own account, and nobody another's. */
export const showPersonal = route(ShowPersonal, async ({ caller }, { db }) => {
  const [account] = await db.query(selectAccount, [caller.id])
  return account === undefined
    ? refuse('unauthenticated', { detail: 'The account of this access token is not here any more.' })
    : { account: shown(account) }
})
