import type { Database } from '@kit/postgres/queryable'

const waitShortly = { name: 'jobs: wait shortly', text: "set local lock_timeout = '200ms'" }

/** The same database for transactions that give up soon when somebody else has locked their rows. */
export const impatient = (db: Database): Database => ({
  query: db.query,
  transaction: (work) =>
    db.transaction((tx) => {
      void tx.query(waitShortly)
      return work(tx)
    }),
})

/** Whether the error says that somebody else has kept a row locked for too long. */
export const isLocked = (error: unknown): boolean => Object(error).code === '55P03'
