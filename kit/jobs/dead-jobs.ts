import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

/** A job whose last try has failed. */
export type DeadJob = {
  readonly id: string
  readonly type: string
  readonly key: string
  readonly data: unknown
  readonly attempt: number
  readonly reason: string
  readonly dead_at: Date
}

const selectDeadJobs = sql<DeadJob>(import.meta.url, 'select-dead-jobs.sql')
const reviveJob = sql<{ id: string }>(import.meta.url, 'revive-job.sql')
const discardJob = sql<{ id: string }>(import.meta.url, 'discard-job.sql')

/** The dead jobs of one service, oldest first. */
export const listDeadJobs = (db: Queryable, limit = 100): Promise<readonly DeadJob[]> =>
  db.query(selectDeadJobs, [limit])

/** Gives a dead job all its tries again. False when there is none. */
export const replayDeadJob = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(reviveJob, [id])).length > 0

/** Drops a dead job for good. False when there is none. */
export const discardDeadJob = async (db: Queryable, id: string): Promise<boolean> =>
  (await db.query(discardJob, [id])).length > 0
