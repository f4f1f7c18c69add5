import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { copyDatabase } from '../../faults/copied-database.ts'
import { FleetProcess } from '../../fleet/fleet-process.ts'
import type { Disturbance } from '../world.ts'

const GONE_WITHIN = 10_000

/** The shop is killed, what it has is restored on a new server, and it goes on there. */
export const restore: Disturbance = {
  lasts: [0, 0],
  seldom: true,
  begin: async ({ keeper, database }) => {
    await keeper.kill()
    // Connections that had fallen silent would stay: their server hears nothing of the shop's end.
    database.net.drop()
    const { dataDir } = keeper
    await database.move(async (from, to) => {
      // It makes the tables; what else it makes is replaced.
      const maker = await FleetProcess.start({ dataDir, env: { DATABASE_URL: to } })
      await maker.stop()
      await untilAlone(from)
      await copyDatabase(from, to, join(dataDir, 'backup'))
    })
    keeper.moveTo(database.net.url)
    await keeper.start()
    return { [Symbol.dispose]: () => undefined }
  },
}

/** What a killed shop has sent may still be on its way. */
const untilAlone = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const until = performance.now() + GONE_WITHIN; performance.now() < until; await sleep(50)) {
      if ((await client.query(SHOP)).rowCount === 0) return
    }
    throw new Error(`connections of the killed shop are still there after ${GONE_WITHIN} ms`)
  } finally {
    await client.end()
  }
}

const SHOP = `select from pg_stat_activity where application_name like 'argosy%' and datname = current_database()`
