import assert from 'node:assert/strict'
import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'

type Received = { readonly recipients: readonly string[]; readonly source: string }

/** How the server answers, from now on. */
type Mood = {
  /** The answer to RCPT TO: `451 4.7.1 busy`. Taken when absent. */
  rcpt?: string | undefined
  /** The answer to the message: `554 5.6.0 no`; `hang` says nothing at all; `drop` keeps it and hangs up without a word. */
  data?: string | undefined
}

/** A real SMTP server in this process that keeps what it accepts. */
export const startServer = async (options: SMTPServerOptions = {}) => {
  const received: Received[] = []
  const asked: string[] = []
  const mood: Mood = {}
  let connections = 0
  const arrived = new EventTarget()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onConnect: (_session, done) => {
      connections++
      done()
    },
    onRcptTo: ({ address }, _session, done) => {
      asked.push(address)
      done(mood.rcpt === undefined ? null : answer(mood.rcpt))
    },
    onData: (stream, session, done) => {
      let source = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (source += chunk))
      stream.on('end', () => {
        const kept = mood.data === undefined || mood.data === 'drop'
        if (kept) received.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), source })
        arrived.dispatchEvent(new Event('message'))
        if (mood.data === 'drop') hangUp(server, session.id)
        else if (mood.data !== 'hang') done(mood.data === undefined ? null : answer(mood.data))
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    url: new URL(`smtp://127.0.0.1:${address.port}`),
    received,
    /** Every address that RCPT TO has named. */
    asked,
    mood,
    /** Resolves when the next message has come in whole. */
    message: () => once(arrived, 'message'),
    connections: () => connections,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

const answer = (line: string): Error =>
  Object.assign(new Error(line.slice(4)), { responseCode: Number(line.slice(0, 3)) })

const hangUp = ({ connections }: SMTPServer, session: string): void => {
  for (const each of connections) if (each.id === session) each._socket.destroy()
}
