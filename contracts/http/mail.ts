import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import { Timestamp, Uuid } from '../fields.ts'
import { PageOf, pageQuery } from './page.ts'

const head = {
  id: Uuid,
  account_id: Uuid,
  to: Type.String(),
  subject: Type.String(),
  template: Type.String(),
  /** The purchase that it tells of. */
  purchase_id: Type.Optional(Uuid),
  received_at: Timestamp,
}

const theMessage = { params: { id: '{message_id}' } }
const theLink = { params: { token: '{unsubscribe_token}' } }

const byId = Type.Object({ id: Uuid })

const listed = {
  to: Type.Optional(Type.String({ maxLength: 320, 'x-trim': true, description: 'Only mail to this address.' })),
  template: Type.Optional(Type.String({ maxLength: 40, description: 'Only mail of this kind: payment-reminder.' })),
  q: Type.Optional(
    Type.String({ maxLength: 200, description: 'Only mail with this in its address, subject, or what it tells.' }),
  ),
  /** Only mail about this purchase or account. */
  about: Type.Optional(Uuid),
  ...pageQuery,
}

/** Who sends a link to a page, or counts clicks on it, may have added something: `utm_source`. */
const more = { additionalProperties: true }

export const ListMailbox = endpoint({
  method: 'GET',
  path: '/api/v1/mailbox',
  summary: 'Lists the mail that the built-in mailbox has kept, newest first.',
  audience: 'anyone',
  query: Type.Object(listed),
  answer: PageOf(Type.Object(head)),
  examples: { some: { query: { limit: 5 } } },
})

export const GetMailboxMessage = endpoint({
  method: 'GET',
  path: '/api/v1/mailbox/:id',
  summary: 'Shows one message of the built-in mailbox with both of its parts.',
  audience: 'anyone',
  params: byId,
  answer: Type.Object({ message: Type.Object({ ...head, text: Type.String(), html: Type.String() }) }),
  problems: ['message-not-found'],
  examples: { message: theMessage },
})

export const ShowMailbox = endpoint({
  method: 'GET',
  path: '/mailbox',
  summary: 'The built-in mailbox as a page.',
  audience: 'anyone',
  query: Type.Object(listed, more),
  answer: Type.String(),
  type: 'text/html',
})

export const ShowMessage = endpoint({
  method: 'GET',
  path: '/mailbox/:id',
  summary: 'One message of the built-in mailbox as a page.',
  audience: 'anyone',
  params: byId,
  query: Type.Object({ view: Type.Enum(['html', 'text', 'source'], { default: 'html' }) }, more),
  answer: Type.String(),
  problems: ['message-not-found'],
  type: 'text/html',
  examples: { message: theMessage },
})

export const ShowMessageHtml = endpoint({
  method: 'GET',
  path: '/mailbox/:id/html',
  summary: 'The HTML part of a message, shut in by its Content-Security-Policy.',
  audience: 'anyone',
  params: byId,
  answer: Type.String(),
  problems: ['message-not-found'],
  type: 'text/html',
  examples: { message: theMessage },
})

export const ShowMessageSource = endpoint({
  method: 'GET',
  path: '/mailbox/:id/source',
  summary: 'A message as it would go over the wire, headers and all.',
  audience: 'anyone',
  params: byId,
  answer: Type.String(),
  problems: ['message-not-found'],
  type: 'text/plain',
  examples: { message: theMessage },
})

const anyQuery = Type.Object({}, more)

/** An account and its seal. */
const byToken = Type.Object({
  token: Type.String({
    pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.[A-Za-z0-9_-]{43}$',
    description: 'the whole end of the link in a mail',
  }),
})

export const ShowUnsubscribe = endpoint({
  method: 'GET',
  path: '/unsubscribe/:token',
  summary: 'A page that asks whether payment reminders shall end. Changes nothing.',
  audience: 'anyone',
  params: byToken,
  query: anyQuery,
  answer: Type.String(),
  problems: ['link-not-valid'],
  type: 'text/html',
  examples: { link: theLink },
})

export const Unsubscribe = endpoint({
  method: 'POST',
  path: '/unsubscribe/:token',
  summary:
    'Ends payment reminders for the account that the link was sent to; mail programs post here by one click (RFC 8058).',
  audience: 'anyone',
  params: byToken,
  query: anyQuery,
  takesForms: true,
  answer: Type.String(),
  problems: ['link-not-valid'],
  type: 'text/html',
  examples: { link: theLink },
})
