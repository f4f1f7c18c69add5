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
    // It would outlive no crash of ours: a temporary slot ends with its session, and so does the backup.
    await client.query(`select pg_create_physical_replication_slot('argosy_backup_' || pg_backend_pid(), true, true)`)
    const begun = await client.query(`select pg_backup_start('argosy backup', fast => true) as start`)
    return {
      stop: async () => (await client.query(STOP, [begun.rows[0]?.start])).rows[0] as Stopped,
      [Symbol.asyncDispose]: () => client.end(),
    }
  } catch (error) {
    await client.end()
    if (Object(error).code === '55000') throw new EmbeddedFailure(`${String(error)}: ${RESTART}`, { cause: error })
    throw error
  }
}

const RESTART = 'the server was started by an older version; stop the shop, and start it again'

/** $1 where the backup begins. Segments are named from the one that holds its beginning to the one that holds its last byte. */
const STOP = `
  with stopped as materialized (select lsn, labelfile from pg_backup_stop(wait_for_archive => false)),
       size as (select setting::numeric as bytes from pg_settings where name = 'wal_segment_size')
  select labelfile as label, $1::text as start, lsn::text as "end",
         (select system_identifier::text from pg_control_system()) as system,
         (select timeline_id from pg_control_checkpoint()) as timeline,
         array(select pg_walfile_name('0/0'::pg_lsn + n * bytes + 1)
                 from size, generate_series(trunc(($1::pg_lsn - '0/0'::pg_lsn) / bytes),
                                            trunc((lsn - '0/0'::pg_lsn - 1) / bytes)) as n) as segments
    from stopped`
