import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { isTransient } from '@kit/fault/fault'
import { classified } from '@kit/postgres/wire/sqlstate'
import { EmbeddedFailure } from './failure.ts'

/** Every process that uses the server holds this advisory lock: the last one stops it. */
const KEEPERS = 0x617267
/** How long the server may take to let somebody in, in ms. One that is frozen gives no answer at all. */
const PATIENCE = 5_000
/** The same when the process is about to end. */
const LAST_QUESTION = 2_000

/** The session by which a process counts among those who use the server. */
export type Keeper = {
  readonly query: (text: string) => Promise<{ readonly rowCount: number | null }>
  /** Calls `fn` once the session has ended, whoever ended it. */
  readonly onceEnded: (fn: () => void) => void
  /** Whether nobody else uses the server, or it is dying. One that is frozen does not say so, and is left alone. */
  readonly isLast: () => Promise<boolean>
  /** Breaks the session off: whoever waits for an answer has an error. */
  readonly cut: () => void
  /** Ends the session; resolves in any case. */
  readonly end: () => Promise<void>
}

/**
 * Opens the session. Undefined when the server does not let anybody in yet, gives no answer in time, or the signal is aborted.
 * Throws EmbeddedFailure when it never will.
 */
export const openKeeper = async (url: string, signal: AbortSignal): Promise<Keeper | undefined> => {
  if (signal.aborted) return undefined
  const client = new pg.Client({ connectionString: url, application_name: 'argosy keeper' })
  const cut = (): void => void streamOf(client).destroy()
  let hasEnded = false
  client.on('error', () => undefined)
  client.once('end', () => (hasEnded = true))
  signal.addEventListener('abort', cut, { once: true })
  const late = setTimeout(cut, PATIENCE)
  try {
    await client.connect()
    await client.query(`select pg_advisory_lock_shared(${KEEPERS})`)
  } catch (error) {
    cut()
    if (signal.aborted || isTransient(classified(error)) || !hasCode(error)) return undefined
    throw new EmbeddedFailure(`PostgreSQL lets nobody in: ${String(error)}`, { cause: error })
  } finally {
    clearTimeout(late)
    signal.removeEventListener('abort', cut)
  }
  return {
    query: (text) => client.query(text),
    onceEnded: (fn) => void (hasEnded ? fn() : client.once('end', fn)),
    isLast: () => isLast(client),
    cut,
    end: () => endOf(client),
  }
}

/** Errors of the socket and of the server have a code; pg's own about lost connections have none. */
const hasCode = (error: unknown): boolean => Object(error).code !== undefined

const streamOf = (client: pg.Client): Socket =>
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream

const isLast = async (client: pg.Client): Promise<boolean> => {
  const others = `select from pg_locks where locktype = 'advisory' and objid = ${KEEPERS} and pid <> pg_backend_pid()`
  const asked = client.query(others).then(
    ({ rowCount }) => rowCount === 0,
    // The server is dying by itself.
    () => true,
  )
  return Promise.race([asked, sleep(LAST_QUESTION, false, { ref: false })])
}

/** A server that is frozen does not take leave. */
const endOf = async (client: pg.Client): Promise<void> => {
  const timer = setTimeout(() => streamOf(client).destroy(), LAST_QUESTION)
  await client.end().catch(() => undefined)
  clearTimeout(timer)
}
