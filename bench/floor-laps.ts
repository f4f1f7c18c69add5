import type { Session } from '@kit/postgres/session'

/** Bare SQL that stands for so many purchases in each of its rounds: one statement and one commit each. */
export type Course = {
  readonly sessions: readonly Session[]
  readonly rounds: number
  /** Purchases in a statement, and those that a lap has rows for. */
  readonly size: number
  readonly capacity: number
  readonly seconds: number
  /** Makes the tables as they were, outside the time that counts. */
  readonly reset: () => Promise<void>
}

/** How many connections write at once. */
export const CLIENTS = 2
/** Purchases for which there are rows; when they are used up the tables are emptied. */
export const PURCHASES = 20_000

/** A client's rounds, by the number of the first purchase and of the one behind the last: `$1` and `$2`. */
export const prepareRounds = async (session: Session, rounds: readonly string[]): Promise<void> => {
  // As the services have it: a plan that was made for an empty table must not read all of it once it has grown.
  for (const way of ['seqscan', 'hashjoin', 'mergejoin']) await session.query(`set enable_${way} = off`)
  await session.query('set jit = off')
  for (const [number, round] of rounds.entries()) await session.query(`prepare floor_${number} (int, int) as ${round}`)
}

/** Goes round and round until the time is over. */
export const runLaps = async (course: Course): Promise<{ readonly purchases: number; readonly seconds: number }> => {
  const { sessions, rounds, size, capacity, seconds } = course
  let purchases = 0
  let spent = 0
  while (spent < seconds * 1000) {
    await course.reset()
    const from = performance.now()
    let next = 0
    const work = async (session: Session): Promise<void> => {
      while (next + size <= capacity && spent + performance.now() - from < seconds * 1000) {
        const [after, upTo] = [next, next + size]
        next = upTo
        for (let round = 0; round < rounds; round++) await session.query(`execute floor_${round} (${after}, ${upTo})`)
        purchases += size
      }
    }
    await Promise.all(sessions.map(work))
    spent += performance.now() - from
  }
  return { purchases, seconds: spent / 1000 }
}
