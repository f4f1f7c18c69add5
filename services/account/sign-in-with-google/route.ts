import { ReturnFromGoogle, SignInWithGoogle } from '@argosy/contracts/http/account'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { ConstraintBroken } from '@kit/postgres/queryable'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { AccountRow } from '../account.ts'
import type { Session, Sessions } from '../session/sessions.ts'
import { admit } from './admit.ts'
import type { Attempt, Provider } from './provider.ts'

/** Read at each sign-in: the port may not be known before. */
type Settings = { readonly redirectUrl: string }

/** Sign-in with an OpenID provider; without one, both addresses say how to set it up. */
export const signInWithGoogle = (
  provider: Provider | undefined,
  sessions: Sessions,
  settings: Settings,
): readonly Route[] => {
  const notConfigured = () =>
    refuse('provider-not-configured', {
      detail: `To set it up, register ${settings.redirectUrl} as a redirect URI at console.cloud.google.com, and start Argosy with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET (or OIDC_CLIENT_SECRET_FILE). For another address set OIDC_REDIRECT_URL, for another OpenID provider OIDC_ISSUER.`,
    })
  return [
    route(SignInWithGoogle, async () => {
      if (provider === undefined) return notConfigured()
      const begun = await provider.begin()
      if (isRefusal(begun)) return begun
      const { location, attempt } = begun
      return {
        answer: { location },
        headers: { location, 'set-cookie': cookie(attempt, settings.redirectUrl), ...PRIVATE },
      }
    }),
    route(ReturnFromGoogle, async ({ query, headers, cause }, { transact, platform }) => {
      if (provider === undefined) return notConfigured()
      const person = await provider.finish(query, attemptIn(headers.cookie))
      if (isRefusal(person)) return person
      const entered = await onceMore(() =>
        transact<Entered | Refusal>({ cause }, async (tx) => {
          const { answer: account, send = [] } = await admit(tx, person, platform)
          return isRefusal(account)
            ? { answer: account }
            : { answer: { account, session: sessions.open(tx, account.id) }, send }
        }),
      )
      if (isRefusal(entered)) return entered
      const { answer, headers: own } = await sessions.answer(entered.account, entered.session)
      return { answer, headers: { ...own, 'set-cookie': `${NAME}=; ${scope(settings.redirectUrl)}; Max-Age=0` } }
    }),
  ]
}

/** Where browsers come back to when nobody says otherwise: providers allow plain http for the name localhost alone. */
export const redirectUrlAt = (address = 'http://127.0.0.1:8080'): string => {
  const url = new URL(ReturnFromGoogle.path, address)
  if (LOOPBACK.has(url.hostname)) url.hostname = 'localhost'
  return url.href
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]'])

type Entered = { readonly account: AccountRow; readonly session: Session }

/** Two returns of one new person race for the same account: the loser finds it there when it looks again. */
const onceMore = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ConstraintBroken)) throw error
    return work()
  }
}

const NAME = 'argosy_sign_in'
const PRIVATE = { 'cache-control': 'no-store' }

/** Ten minutes to sign in there. Lax, for the browser comes back from the provider by a link. */
const cookie = ({ state, nonce, verifier }: Attempt, redirectUrl: string): string =>
  `${NAME}=${[state, nonce, verifier].join('.')}; ${scope(redirectUrl)}; Max-Age=600`

const scope = (redirectUrl: string): string =>
  `Path=${new URL(redirectUrl).pathname}; HttpOnly; SameSite=Lax${redirectUrl.startsWith('https:') ? '; Secure' : ''}`

const attemptIn = (header: string | undefined): Attempt | undefined => {
  const pairs = (header ?? '').split(/;\s*/)
  const value = pairs.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1)
  const [state, nonce, verifier, ...more] = value?.split('.') ?? []
  if (!state || !nonce || !verifier || more.length > 0) return undefined
  return { state, nonce, verifier }
}
