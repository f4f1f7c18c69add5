import { PermanentFailure } from '@kit/jobs/job'
import { createTransport } from 'nodemailer'
import type { Compose } from '../compose.ts'
import { UnknownAddress } from '../mailer.ts'
import type { Mailer } from '../mailer.ts'
import { mailOf } from './mail.ts'
import { keepIdsOnOneLine } from './one-line.ts'
import type { Sender } from './mail.ts'

const CONNECTIONS = 5

export type SmtpOptions = {
  readonly from: Sender
  readonly compose: Compose
  /** How long the server may be silent, in ms. */
  readonly timeout: number
}

export type SmtpMailer = Mailer &
  AsyncDisposable & {
    /** From now on, letters in the air have so many ms to arrive; then their connections are cut and they are tried again later. */
    readonly wrapUp: (ms: number) => void
  }

/**
 * Sends through an SMTP server, over a few connections that stay open. `smtps:` speaks TLS from the start; `smtp:` takes
 * STARTTLS when it is offered, and insists on it with `?starttls=required`.
 */
export const smtp = (url: URL, { from, compose, timeout }: SmtpOptions): SmtpMailer => {
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // Left to itself the pool sends a letter again, at once and up to five times, when the connection closed before the
    // answer: a server that took it all the same would have it six times. Tries are counted and spaced by the job.
    maxRequeues: 0,
    host: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    secure: url.protocol === 'smtps:',
    requireTLS: url.searchParams.get('starttls') === 'required',
    ...(url.username !== '' && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    connectionTimeout: Math.min(timeout, 10_000),
    greetingTimeout: Math.min(timeout, 10_000),
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  transport.use('stream', keepIdsOnOneLine)
  let cut: NodeJS.Timeout | undefined
  return {
    concurrency: CONNECTIONS,
    leavesTheHouse: true,
    bounces: true,
    send: async (letter, signal, at) => {
      const mail = mailOf(letter, compose(letter, at), from)
      await transport.sendMail({ ...mail, date: at, signal }).catch((error: unknown) => {
        throw verdictOn(error)
      })
    },
    keep: async () => {},
    wrapUp: (ms) => {
      cut ??= setTimeout(() => transport.close({ force: true }), ms)
    },
    [Symbol.asyncDispose]: async () => {
      clearTimeout(cut)
      transport.close({ force: true })
    },
  }
}

/** What a failed try means for the letter. RFC 5321, 4.2.1: 5yz is a lasting no, all else may be mended. */
const verdictOn = (error: unknown): unknown => {
  if (!isAnswered(error) || error.responseCode < 500 || ABOUT_US.has(error.responseCode)) return error
  return UNKNOWN.test(error.response)
    ? new UnknownAddress(`there is nobody at the address: ${error.response}`, { cause: error })
    : new PermanentFailure(`the mail server refused the letter: ${error.response}`, { cause: error })
}

type Answered = Error & { readonly responseCode: number; readonly response: string }

/** An answer to the envelope or the message; one to a login or a greeting is about us. */
const isAnswered = (error: unknown): error is Answered =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'EENVELOPE' || error.code === 'EMESSAGE') &&
  'responseCode' in error &&
  typeof error.responseCode === 'number' &&
  'response' in error &&
  typeof error.response === 'string'

/** Out of sequence, sign in first, encrypt first (RFC 4954, 6; RFC 3207, 4): our configuration, not the letter. */
const ABOUT_US = new Set([503, 530, 534, 535, 538])

/**
 * RFC 3463, 3.2: no such mailbox; RFC 7505: the domain takes no mail. A bare 550 may be about what we wrote, and so may a code further
 * on: of an address of the network, or of another server's answer about our own address.
 */
const UNKNOWN = /^5\d\d[ -]5\.1\.(1|10)\b/
