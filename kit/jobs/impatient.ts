import { waitShortly } from '@kit/postgres/locks'
import type { Database } from '@kit/postgres/queryable'

/** The same database for transactions that give up soon when somebody else has locked their rows. */
export const impatient = (db: Database): Database => ({
  query: db.query,
  transaction: (work, how) =>
    db.transaction(
      (tx) => {
        waitShortly(tx)
        return work(tx)
      },
      { ...how, goesRound: true },
    ),
})
