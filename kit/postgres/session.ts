import pg from 'pg'
import { SHORT_KEEP_ALIVE, startupOptions } from './startup-options.ts'

/** One connection of its own, for what belongs to a session: LISTEN, advisory locks. */
export type Session = AsyncDisposable & {
  readonly query: <Row>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>
  readonly listen: (channel: string, listener: (payload: string) => void) => Promise<void>
  readonly notify: (channel: string, payload: string) => Promise<void>
  /** The connection has ended: its locks are gone and it hears nothing more. Open another. */
  readonly lost: boolean
}

/** Opens a session. Throws when the server cannot be reached. */
export const openSession = async (url: string, role?: string): Promise<Session> => {
  const client = new pg.Client({
    connectionString: url,
    options: startupOptions({ ...SHORT_KEEP_ALIVE, ...(role === undefined ? {} : { role }) }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  let lost = false
  const listeners = new Map<string, (payload: string) => void>()
  client.on('error', () => {
    lost = true
  })
  client.on('end', () => {
    lost = true
  })
  client.on('notification', ({ channel, payload }) => listeners.get(channel)?.(payload ?? ''))
  await client.connect()
  return {
    query: async (text, values = []) => (await client.query(text, [...values])).rows,
    listen: async (channel, listener) => {
      listeners.set(channel, listener)
      await client.query(`listen ${client.escapeIdentifier(channel)}`)
    },
    notify: async (channel, payload) => {
      await client.query('select pg_notify($1, $2)', [channel, payload])
    },
    get lost() {
      return lost
    },
    [Symbol.asyncDispose]: async () => {
      if (!lost) await client.end()
    },
  }
}
