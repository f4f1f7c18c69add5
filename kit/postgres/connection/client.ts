import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import pg from 'pg'
import { connectionLost } from '../wire/faults.ts'
import { classified } from '../wire/sqlstate.ts'
import { after } from './patience.ts'
import { throwNamed } from './pooler-between.ts'
import { SHORT_KEEP_ALIVE, startupOptions } from './startup-options.ts'

/** How long a server may take to let a connection in, in ms. */
const CONNECT = 5_000
/** The same, and for the first answer, when a command or a start can do nothing without it, in ms. */
export const FIRST_ANSWER = 10_000
/** How long an answer may take unless said otherwise, in ms. */
const ANSWER = 30_000
/** How long it may take to close a connection, in ms: one that is well takes 1. */
const GOODBYE = 500

/** What every connection is opened with. libuv then asks a silent peer ten times, a second apart. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 5_000 } as const

/** pg's client, whose end never waits for a peer that is not there. For pools; everybody else calls `openClient`. */
export class Client extends pg.Client {
  // Both forms of pg's own: its pool hands over a callback.
  override end(then?: (error: Error) => void): Promise<void> & void {
    const late = setTimeout(() => socketOf(this).destroy(), GOODBYE)
    // The socket keeps the process for as long as there is something to wait for.
    late.unref()
    const ended = super.end().finally(() => clearTimeout(late))
    if (then !== undefined) void ended.finally(then as () => void)
    return ended as Promise<void> & void
  }
}

/** The socket of a client as it is now: TLS replaces the first one. */
export const socketOf = (client: pg.ClientBase): Socket =>
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream

export type ClientOptions = {
  readonly url: string
  /** How PostgreSQL lists it: `argosy migrate`. */
  readonly name: string
  /** How long an answer may take, in ms; 30 s unless given. */
  readonly patience?: number
  /** How long it may take to connect, in ms; 5 s unless given. */
  readonly connectWithin?: number
  /** Settings that hold from the first statement on. */
  readonly settings?: Readonly<Record<string, string>>
  /** When it is aborted the connection ends at once; whoever waits for it or for an answer has its reason. */
  readonly signal?: AbortSignal | undefined
}

/** A connection of one's own on which nothing waits for ever. Disposing takes half a second at most. */
export type OpenClient = AsyncDisposable & {
  /**
   * Throws a transient error that names the statement when there is no answer within `patience` ms; the connection is
   * lost then, for nobody knows what it would say next.
   */
  readonly query: <Row extends pg.QueryResultRow = any>(
    text: string,
    values?: readonly unknown[],
    patience?: number,
  ) => Promise<pg.QueryResult<Row>>
  readonly onNotification: (listener: (channel: string, payload: string) => void) => void
  readonly escapeIdentifier: (name: string) => string
  /** It has ended, for whatever reason. Open another. */
  readonly lost: boolean
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
}

/** Connects. Throws a transient error that names the server when it does not let us in. */
export const openClient = async (options: ClientOptions): Promise<OpenClient> => {
  const { url, name, patience: usual = ANSWER, connectWithin = CONNECT, settings = {}, signal } = options
  signal?.throwIfAborted()
  const client = new Client({
    connectionString: url,
    application_name: name,
    options: startupOptions({ ...SHORT_KEEP_ALIVE, ...settings }),
    ...KEEP_ALIVE,
    connectionTimeoutMillis: connectWithin,
  })
  let lost = false
  const lose = (): void => {
    lost = true
  }
  let accepted = false
  const { connection } = client as unknown as { readonly connection: EventEmitter }
  connection.once('connect', () => (accepted = true))
  const cut = (): void => void socketOf(client).destroy(new Error('given up'))
  signal?.addEventListener('abort', cut, { once: true })
  const ended = new Promise<void>((resolve) => client.once('end', resolve))
  void ended.then(() => signal?.removeEventListener('abort', cut))
  // Whoever waits for an answer has the error; when nobody does, the next statement has it.
  client.on('error', lose).on('end', lose)
  try {
    await client.connect().catch(throwNamed)
  } catch (error) {
    await client.end()
    signal?.throwIfAborted()
    throw notConnected(error, client, accepted, connectWithin)
  }
  return {
    query: async (text, values = [], patience = usual) => {
      using _late = after(patience, () =>
        socketOf(client).destroy(
          Object.assign(new Error(`no answer within ${patience} ms to: ${firstWords(text)}`), { fix: SILENT }),
        ),
      )
      try {
        // Only without values may it be several statements.
        return await (values.length === 0 ? client.query(text) : client.query(text, [...values]))
      } catch (error) {
        signal?.throwIfAborted()
        throw lost ? connectionLost(error as Error) : classified(error)
      }
    },
    onNotification: (listener) =>
      void client.on('notification', ({ channel, payload = '' }) => listener(channel, payload)),
    escapeIdentifier: (name) => client.escapeIdentifier(name),
    get lost() {
      return lost
    },
    ended,
    [Symbol.asyncDispose]: () => client.end(),
  }
}

const firstWords = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').slice(0, 80)

/** What to do about a server that lets others in and says nothing. */
const SILENT = 'see whether that server is frozen or overloaded, or whether something else listens there'

/** Errors of the socket and of the server have a code; pg's own about time have none. */
const notConnected = (
  error: unknown,
  { host, port, database }: pg.Client,
  accepted: boolean,
  within: number,
): unknown => {
  if (typeof error === 'object' && error !== null && 'code' in error) return classified(error)
  const what = `no connection to PostgreSQL at ${host}:${port}/${database} within ${within} ms`
  if (!accepted) return Object.assign(new Error(what, { cause: error }), { code: 'ETIMEDOUT' })
  const silence = new Error(`${what}: it accepts connections and does not answer`, { cause: error })
  return Object.assign(silence, { code: 'ETIMEDOUT', fix: SILENT })
}
