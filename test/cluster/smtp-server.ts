import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'

/** A mail server that keeps what it accepts. */
export type MailServer = AsyncDisposable & {
  readonly url: string
  /** The mails to an address as they came, headers and all. */
  readonly to: (address: string) => readonly string[]
  /** How often it has said "come back later". */
  readonly deferred: () => number
}

/** `greylists`: it turns every address away once; unless told otherwise it does. */
export const startMailServer = async ({ greylists = true } = {}): Promise<MailServer> => {
  const kept: { readonly to: string; readonly source: string }[] = []
  const known = new Set<string>()
  let deferred = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) => {
      if (!greylists || known.has(address)) return done()
      known.add(address)
      deferred++
      done(Object.assign(new Error('greylisted, come back later'), { responseCode: 451 }))
    },
    onData: (stream, { envelope }, done) => {
      let source = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (source += chunk))
      stream.on('end', () => {
        for (const { address } of envelope.rcptTo) kept.push({ to: address, source })
        done()
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    to: (who) => kept.filter(({ to }) => to === who).map(({ source }) => source),
    deferred: () => deferred,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
