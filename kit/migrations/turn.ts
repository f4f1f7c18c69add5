import { refusePooler } from '@kit/postgres/pooler'
import { sql } from '@kit/postgres/statement'
import { setTimeout as sleep } from 'node:timers/promises'
import { holdersInWords } from './obstacle.ts'
import type { Around } from './patience.ts'

/** Only one migrates a database at a time; the others wait and then find nothing left to do. */
const TURN = 0x6172676e
/**
 * What releases before this one wait for, by a statement that waits: with a snapshot of its own, for whose end the
 * building of an index would wait in its turn. So this lock is given back meanwhile, and held only while files run in
 * transactions.
 */
const OLDER = 0x6172676f
/** Ms between two tries. A waiting statement would have a snapshot, see above. */
const POLL = 100
const TOLD_AFTER = 5_000

type Holder = { readonly pid: number; readonly application: string; readonly seconds: number }
const selectHolders = sql<Holder>(import.meta.url, 'select-holders.sql')

export type Turn = {
  /** Does something while releases before this one may look whether there is something to migrate. */
  readonly aside: <T>(work: () => Promise<T>) => Promise<T>
}

/** Resolves when it is this session's turn, which ends with the session. Throws when another keeps it too long, and a PoolerBetween. */
export const takeTurn = async (around: Around): Promise<Turn> => {
  // A turn is a lock of the session: in a pooler it would be somebody else's in the next moment, and outlive this process.
  await refusePooler(around.url, around.waits.connect)
  const until = performance.now() + around.waits.turn
  await take(around, TURN, until)
  await take(around, OLDER, until)
  return {
    aside: async (work) => {
      await around.session.client.query('select pg_advisory_unlock($1)', [OLDER])
      const result = await work()
      await take(around, OLDER, performance.now() + around.waits.turn)
      return result
    },
  }
}

const take = async (around: Around, key: number, until: number): Promise<void> => {
  const { client } = around.session
  const began = performance.now()
  for (let told = false; ; await sleep(POLL)) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [key])
    if (rows[0]?.taken === true) return
    const now = performance.now()
    if (now < until && (told || now - began < TOLD_AFTER)) continue
    const { rows: holders } = await client.query<Holder>(selectHolders.text, [key])
    const who = holdersInWords(holders, 'connected for')
    if (now >= until) {
      throw new Error(
        `another process has been migrating this database for more than ${Math.round(around.waits.turn / 1000)} s: ${who}. ` +
          'Fix: let it end; if it stands still, select pg_terminate_backend(<pid>); then the same again',
      )
    }
    around.log?.warn({ by: who }, 'waiting for another process that migrates this database')
    told = true
  }
}
