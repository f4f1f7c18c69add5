import { createTransport } from 'nodemailer'
import type { Composed } from '../compose.ts'
import { dedupeKey } from '../letter.ts'
import type { Addressed } from '../letter.ts'
import { keepIdsOnOneLine } from './one-line.ts'

export type Sender = { readonly name: string; readonly address: string }

/** A letter as nodemailer takes it: its headers and both of its parts. */
export const mailOf = ({ to, letter }: Addressed, { unsubscribe, ...parts }: Composed, from: Sender) => ({
  from: { ...from },
  to: { name: '', address: to.email },
  // A letter sent twice (the process died before it could say so) has one Message-ID, so that receivers can tell.
  messageId: `<${dedupeKey(letter).replaceAll('/', '.')}@${from.address.slice(from.address.indexOf('@') + 1)}>`,
  headers: {
    // RFC 3834: nobody's holiday notice answers it.
    'Auto-Submitted': 'auto-generated',
    // RFC 8058: one click in the mail program, no page and no sign-in.
    ...(unsubscribe !== undefined && {
      'List-Unsubscribe': `<${unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    }),
  },
  ...parts,
})

const writer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' }).use('stream', keepIdsOnOneLine)

/** The message as it goes over the wire (RFC 5322), headers and all. */
export const sourceOf = async (letter: Addressed, composed: Composed, from: Sender, date: Date): Promise<string> => {
  const { message } = await writer.sendMail({ ...mailOf(letter, composed, from), date })
  if (!Buffer.isBuffer(message)) throw new Error('the message was not written into memory')
  return message.toString()
}
