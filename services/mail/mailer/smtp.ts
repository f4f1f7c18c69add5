import { HopelessJob } from '@kit/jobs/job'
import { createTransport } from 'nodemailer'
import type { Compose } from '../compose.ts'
import { dedupeKey } from '../letter.ts'
import type { Mailer } from '../mailer.ts'

const CONNECTIONS = 5

/**
 * Sends through an SMTP server, over a few connections that stay open. `smtps:` speaks TLS from the start; `smtp:` takes
 * STARTTLS when it is offered, and insists on it with `?starttls=required`.
 */
export const smtp = (url: URL, from: { name: string; address: string }, compose: Compose): Mailer & AsyncDisposable => {
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    host: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    secure: url.protocol === 'smtps:',
    requireTLS: url.searchParams.get('starttls') === 'required',
    ...(url.username !== '' && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = from.address.slice(from.address.indexOf('@') + 1)
  return {
    concurrency: CONNECTIONS,
    send: async ({ to, letter }) => {
      const key = dedupeKey(letter).replace('/', '.')
      // A letter sent twice (the process died before it could say so) has one Message-ID, so that receivers can tell.
      const mail = {
        from,
        to: { name: '', address: to.email },
        messageId: `<${key}@${domain}>`,
        ...compose(to, letter),
      }
      await transport.sendMail(mail).catch((error: unknown) => {
        throw isFinal(error) ? new HopelessJob('the mail server refused the letter', { cause: error }) : error
      })
    },
    keep: async () => {},
    [Symbol.asyncDispose]: async () => transport.close(),
  }
}

/** RFC 5321 4.2.1: 5yz to the envelope or the message is a lasting no. To a login or a greeting it is about us, and may be mended. */
const isFinal = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (error.code === 'EENVELOPE' || error.code === 'EMESSAGE') &&
  'responseCode' in error &&
  Number(error.responseCode) >= 500 &&
  error.responseCode !== 503
