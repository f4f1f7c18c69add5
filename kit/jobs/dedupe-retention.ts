import { startSweep } from '@kit/pace/sweep'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'

/**
 * How long a dedupe key is kept, in seconds: thirty days. What asks for a job again is a message that comes again, and the log
 * keeps messages for hours.
 */
const KEPT = 30 * 24 * 60 * 60

/** Of keys kept for KEPT, few become too old within an hour. */
const EVERY = 60 * 60 * 1_000

const deleteOldKeys = sql<{ key: string }>(import.meta.url, 'delete-old-keys.sql')

/** Forgets old dedupe keys while the process runs; `keep` is in seconds. */
export const forgetOldKeys = (db: Queryable, log: Logger, keep = KEPT): AsyncDisposable =>
  startSweep({
    deleteOld: async (most) => (await db.query(deleteOldKeys, [keep, most])).length,
    every: EVERY,
    log,
  })
