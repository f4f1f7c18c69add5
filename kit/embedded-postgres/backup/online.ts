import { sql } from '@kit/postgres/statement'
import pg from 'pg'
import { EmbeddedFailure } from '../failure.ts'

/** A server between the start and the stop of a backup. The session's end, however it comes, ends that too and does no harm. */
export type Online = AsyncDisposable & {
  /** Ends it. What it returns belongs into the copy. */
  readonly stop: () => Promise<Stopped>
}

export type Stopped = {
  readonly label: string
  /** Of what server. */
  readonly system: string
  readonly timeline: number
  readonly start: string
  readonly end: string
  /** The files of `pg_wal` without which the copy cannot be recovered. */
  readonly segments: readonly string[]
}

const reserveLog = sql(import.meta.url, 'reserve-log.sql')
const startBackup = sql(import.meta.url, 'start-backup.sql')
const stopBackup = sql(import.meta.url, 'stop-backup.sql')

/** How long the server may take for one answer, in ms; the first one makes a checkpoint. */
const PATIENCE = 300_000

/** Begins a backup. The server keeps the write-ahead log of all that follows until it is stopped. */
export const goOnline = async (url: string): Promise<Online> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'argosy backup',
    connectionTimeoutMillis: 10_000,
    query_timeout: PATIENCE,
  })
  // Whoever asks next has the error.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(reserveLog.text)
    const begun = await client.query(startBackup.text)
    return {
      stop: async () => (await client.query(stopBackup.text, [begun.rows[0]?.start])).rows[0] as Stopped,
      [Symbol.asyncDispose]: () => client.end(),
    }
  } catch (error) {
    await client.end()
    if (Object(error).code === '55000') throw new EmbeddedFailure(`${String(error)}: ${RESTART}`, { cause: error })
    throw error
  }
}

const RESTART = 'the server was started by an older version; stop the shop, and start it again'
