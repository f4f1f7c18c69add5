import { startSweep } from '@kit/pace/sweep'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'

/** How long an ended order is remembered, in seconds: thirty days. By then the time that its reminders tell of is long over. */
const KEPT = 30 * 24 * 60 * 60

/** In ms. */
const EVERY = 60 * 60 * 1_000

const deleteEndedOrders = sql<{ purchase_id: string }>(import.meta.url, 'delete-ended-orders.sql')

/** Forgets orders that ended long ago while the process runs; `keep` is in seconds. */
export const forgetEndedOrders = (db: Queryable, log: Logger, keep = KEPT): AsyncDisposable =>
  startSweep({
    deleteOld: async (most) => (await db.query(deleteEndedOrders, [keep, most])).length,
    every: EVERY,
    log,
  })
