import { ShowUnsubscribe, Unsubscribe } from '@argosy/contracts/http/mail'
import { route } from '@kit/http/route'
import type { Reply, Route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import { accountOf } from '../links.ts'
import { explanationPage, donePage } from './pages.ts'

const insertUnsubscribed = sql(import.meta.url, 'insert-unsubscribed.sql')

/**
 * Reminders end by one click in the mail program, which posts (RFC 8058), or by the button of the page. Asking by GET changes
 * nothing: scanners of mail follow every link.
 */
export const unsubscribe = (secret: string): readonly Route[] => [
  route(ShowUnsubscribe, async ({ params: { token } }) =>
    accountOf(token, secret) === undefined ? notOurs : page(explanationPage(token)),
  ),
  route(Unsubscribe, async ({ params: { token } }, { db, platform }) => {
    const account_id = accountOf(token, secret)
    if (account_id === undefined) return notOurs
    await db.query(insertUnsubscribed, [account_id, platform.clock.now()])
    return page(donePage())
  }),
]

const notOurs = refuse('link-not-valid', { detail: 'The link is not from a mail of this store.' })

const page = (answer: string): Reply<string> => ({
  answer,
  headers: {
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  },
})
