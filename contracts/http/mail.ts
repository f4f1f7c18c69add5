import { endpoint } from '@kit/http/endpoint'
import Type from 'typebox'
import { Timestamp, Uuid } from '../fields.ts'

const head = {
  id: Uuid,
  account_id: Uuid,
  to: Type.String(),
  subject: Type.String(),
  template: Type.String(),
  received_at: Timestamp,
}

const byId = Type.Object({ id: Uuid })

const page = Type.Object({
  to: Type.Optional(Type.String({ maxLength: 320, description: 'Only mail to this address.' })),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  cursor: Type.Optional(Type.String({ maxLength: 500, description: 'page.next of the page before' })),
})

export const ListMailbox = endpoint({
  method: 'GET',
  path: '/api/v1/mailbox',
  summary: 'Lists the mail that the built-in mailbox has kept, newest first.',
  audience: 'anyone',
  query: page,
  answer: Type.Object({
    data: Type.Array(Type.Object(head)),
    page: Type.Object({ next: Type.Union([Type.String(), Type.Null()]), limit: Type.Integer() }),
  }),
})

export const GetMailboxMessage = endpoint({
  method: 'GET',
  path: '/api/v1/mailbox/:id',
  summary: 'Shows one message of the built-in mailbox with both of its parts.',
  audience: 'anyone',
  params: byId,
  answer: Type.Object({ message: Type.Object({ ...head, text: Type.String(), html: Type.String() }) }),
  problems: ['message-not-found'],
})

export const ShowMailbox = endpoint({
  method: 'GET',
  path: '/mailbox',
  summary: 'The built-in mailbox as a page.',
  audience: 'anyone',
  query: page,
  answer: Type.String(),
})

export const ShowMessage = endpoint({
  method: 'GET',
  path: '/mailbox/:id',
  summary: 'One message of the built-in mailbox as a page.',
  audience: 'anyone',
  params: byId,
  answer: Type.String(),
  problems: ['message-not-found'],
})

export const ShowMessageHtml = endpoint({
  method: 'GET',
  path: '/mailbox/:id/html',
  summary: 'The HTML part of a message, shut in by its Content-Security-Policy.',
  audience: 'anyone',
  params: byId,
  answer: Type.String(),
  problems: ['message-not-found'],
})
