import {
  GetMailboxMessage,
  ListMailbox,
  ShowMailbox,
  ShowMessage,
  ShowMessageHtml,
  ShowMessageSource,
} from '@argosy/contracts/http/mail'
import { route } from '@kit/http/route'
import type { Reply, Route } from '@kit/http/route'
import { isRefusal, refuse } from '@kit/problem/refusal'
import { findMessage, findSource, listMessages } from './messages.ts'
import type { Links } from '../links.ts'
import type { Stationery } from './messages.ts'
import { mailboxPage, messagePage } from './pages.ts'

/** The mailbox as an API and as pages; mounted only where mail is kept and the mode is not production. */
export const mailbox = (stationery: Stationery, links: Links): readonly Route[] => [
  route(ListMailbox, ({ query }, { db }) => listMessages(db, stationery, query)),
  route(GetMailboxMessage, async ({ params }, { db }) => {
    const message = await findMessage(db, stationery, params.id)
    return message ? { message } : absent(params.id)
  }),
  route(ShowMailbox, async ({ query }, { db }) => {
    const messages = await listMessages(db, stationery, query)
    return isRefusal(messages) ? messages : page(mailboxPage(messages, query))
  }),
  route(ShowMessage, async ({ params, query }, { db }) => {
    const message = await findMessage(db, stationery, params.id)
    if (message === undefined) return absent(params.id)
    const source = query.view === 'source' ? await findSource(db, stationery, params.id) : undefined
    return page(messagePage(message, { view: query.view, source, order: links.order }))
  }),
  route(ShowMessageHtml, async ({ params }, { db }) => {
    const message = await findMessage(db, stationery, params.id)
    return message ? reply(inNewTab(message.html), LETTER_POLICY) : absent(params.id)
  }),
  route(ShowMessageSource, async ({ params }, { db }) => {
    const source = await findSource(db, stationery, params.id)
    return source === undefined ? absent(params.id) : reply(source, LETTER_POLICY)
  }),
]

const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/**
 * A letter holds text that customers wrote: no script, no origin, no request to anywhere, whatever slipped through. Only a link that
 * is followed opens, in a tab of its own: the pages of the shop are not to be framed.
 */
const LETTER_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

const inNewTab = (letter: string): string => letter.replace('<head>', '<head><base target="_blank" />')

const reply = (answer: string, policy: string): Reply<string> => ({
  answer,
  headers: {
    'content-security-policy': policy,
    'cache-control': 'no-store',
  },
})

const page = (answer: string): Reply<string> => reply(answer, PAGE_POLICY)

const absent = (id: string) => refuse('message-not-found', { detail: `The mailbox has no message ${id}.` })
