import { GetMailboxMessage, ListMailbox, ShowMailbox, ShowMessage, ShowMessageHtml } from '@argosy/contracts/http/mail'
import { route } from '@kit/http/route'
import type { Reply, Route } from '@kit/http/route'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Compose } from '../compose.ts'
import { findMessage, listMessages } from './messages.ts'
import { mailboxPage, messagePage } from './pages.ts'

/** The mailbox as an API and as pages; mounted only where mail is kept and the mode is not production. */
export const mailbox = (compose: Compose): readonly Route[] => [
  route(ListMailbox, ({ query }, { db }) => listMessages(db, compose, query)),
  route(GetMailboxMessage, async ({ params }, { db }) => {
    const message = await findMessage(db, compose, params.id)
    return message ? { message } : absent(params.id)
  }),
  route(ShowMailbox, async ({ query }, { db }) => {
    const messages = await listMessages(db, compose, query)
    return isRefusal(messages) ? messages : page(mailboxPage(messages, query.to), PAGE_POLICY)
  }),
  route(ShowMessage, async ({ params }, { db }) => {
    const message = await findMessage(db, compose, params.id)
    return message ? page(messagePage(message), PAGE_POLICY) : absent(params.id)
  }),
  route(ShowMessageHtml, async ({ params }, { db }) => {
    const message = await findMessage(db, compose, params.id)
    return message ? page(message.html, LETTER_POLICY) : absent(params.id)
  }),
]

const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'"

/** A letter holds text that customers wrote: no script, no origin, no request to anywhere, whatever slipped through. */
const LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

const page = (answer: string, policy: string): Reply<string> => ({
  answer,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
  },
})

const absent = (id: string) => refuse('message-not-found', { detail: `The mailbox has no message ${id}.` })
