import pg from 'pg'

/** Segments that PostgreSQL may have in reserve, and some more. */
const SEGMENTS = 200

/** On a disk that is full: begins segments of the write-ahead log until there is no room for one more. */
export const useUpReserve = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 10_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    for (let n = 0; n < SEGMENTS; n++) {
      await client.query(`select pg_logical_emit_message(true, 'full disk', repeat('x', 100000))`)
      await client.query('select pg_switch_wal()')
    }
  } catch {
    return
  } finally {
    await client.end().catch(() => undefined)
  }
  throw new Error(`${SEGMENTS} segments found room on a full disk`)
}
