import pg from 'pg'
import { noSmallDisk } from '../../faults/small-disk.ts'
import type { Disturbance } from '../world.ts'

/** Segments that PostgreSQL may have in reserve, and some more. */
const SEGMENTS = 200

/** The database's disk is full: what it writes first cannot grow any more, and it ends. Space comes back. */
export const fullDisk: Disturbance = {
  missing: noSmallDisk,
  lasts: [4_000, 8_000],
  seldom: true,
  begin: async ({ disk, database }) => {
    if (disk === undefined) throw new Error('the database is not on a disk that may be filled')
    await using owned = new AsyncDisposableStack()
    owned.defer(() => database.answers())
    owned.use(disk.fill())
    await useUpReserve(database.url)
    return owned.move()
  },
}

/** Begins segments until there is no room for one more. */
const useUpReserve = async (url: string): Promise<void> => {
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
