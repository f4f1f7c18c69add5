import { discardDeadJob, listDeadJobs, replayDeadJob } from '@kit/jobs/dead-jobs'
import { discard, listDeadLetters, replayDeadLetter } from '@kit/messaging/dead-letters/letters'
import type { Queryable } from '@kit/postgres/queryable'

/** What could not be handled, be it a message or a job, of any service. */
export type DeadLetter = {
  /** `<service>/<id>`: how it is named on the command line. */
  readonly name: string
  readonly kind: 'message' | 'job'
  readonly type: string
  readonly key: string
  readonly state: string
  readonly reason: string
  readonly since: Date
  readonly content: unknown
}

/** The dead letters of one service, oldest first: messages, then jobs. */
export const lettersOf = async (service: string, db: Queryable, limit: number): Promise<readonly DeadLetter[]> => {
  const messages = await listDeadLetters(db, limit)
  const jobs = await listDeadJobs(db, limit)
  return [
    ...messages.map(({ id, key, envelope, state, reason, parked_at }): DeadLetter => ({
      name: `${service}/${id}`,
      kind: 'message',
      type: envelope.type,
      key,
      state,
      reason,
      since: parked_at,
      content: envelope,
    })),
    ...jobs.map(({ id, type, key, data, attempt, reason, dead_at }): DeadLetter => ({
      name: `${service}/${id}`,
      kind: 'job',
      type,
      key,
      state: `dead after ${attempt} tries`,
      reason,
      since: dead_at,
      content: data,
    })),
  ]
}

/** Messages are numbered, jobs have UUIDs. */
const isNumber = (id: string): boolean => /^\d+$/.test(id)

/** Has a letter tried again, a message with all that waits behind it. Returns how many letters that concerns. */
export const replayLetter = async (db: Queryable, id: string): Promise<number> =>
  isNumber(id) ? replayDeadLetter(db, Number(id)) : Number(await replayDeadJob(db, id))

/** Drops a letter for good; what waited behind it is tried again. Returns how many letters that concerns. */
export const discardLetter = async (db: Queryable, id: string): Promise<number> =>
  isNumber(id) ? discard(db, Number(id)) : Number(await discardDeadJob(db, id))
