import { openClient } from './connection/client.ts'

/** One connection of its own, for what belongs to a session: LISTEN, advisory locks. Nothing on it waits for ever. */
export type Session = AsyncDisposable & {
  /** This and the two below throw a transient error that names what was waited for, and then the session is lost. */
  readonly query: <Row>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>
  readonly listen: (channel: string, listener: (payload: string) => void) => Promise<void>
  readonly notify: (channel: string, payload: string) => Promise<void>
  /**
   * The connection has ended: its locks are gone, or will be when the server notices, and it hears nothing more. Open
   * another. A session that only listens does not learn of a silent server: ask it something once in a while.
   */
  readonly lost: boolean
}

export type SessionOptions = {
  /** How PostgreSQL lists it; `argosy session` unless given. */
  readonly name?: string
  readonly role?: string
  /** How long connecting and each answer may take, in ms; 5 s unless given. */
  readonly patience?: number
}

const PATIENCE = 5_000

/** Opens a session. Throws a transient error when the server cannot be reached. */
export const openSession = async (
  url: string,
  { name = 'argosy session', role, patience = PATIENCE }: SessionOptions = {},
): Promise<Session> => {
  const client = await openClient({
    url,
    name,
    patience,
    connectWithin: patience,
    settings: {
      // A server that is well ends what takes too long by itself, a little earlier, and the session lives on.
      statement_timeout: `${Math.ceil(patience * 0.8)}ms`,
      ...(role === undefined ? {} : { role }),
    },
  })
  const listeners = new Map<string, (payload: string) => void>()
  client.onNotification((channel, payload) => listeners.get(channel)?.(payload))
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) =>
      (await client.query(text, values)).rows as readonly Row[],
    listen: async (channel, listener) => {
      listeners.set(channel, listener)
      await client.query(`listen ${client.escapeIdentifier(channel)}`)
    },
    notify: async (channel, payload) => {
      await client.query('select pg_notify($1, $2)', [channel, payload])
    },
    get lost() {
      return client.lost
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}
