import type { RetryPolicy } from '@kit/jobs/job'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

const selectKnown = sql<{ readonly state: string }>(import.meta.url, 'select-known.sql')

/** From a second to an hour apart, for about three days: as late as what it waits for may be. */
export const patiently: RetryPolicy = { attempts: 75, firstDelay: 1_000, maxDelay: 3_600_000 }

/** Nobody has asked for the payment yet. Messages of different services come in any order: it may still be asked for. */
class PaymentNotKnown extends Error {
  override readonly name = 'PaymentNotKnown'
}

/** Fails the try of a job that has come before its payment; the next try looks again. */
export const onceKnown = async (db: Queryable, purchase_id: string): Promise<void> => {
  const [payment] = await db.query(selectKnown, [purchase_id])
  if (payment === undefined) throw new PaymentNotKnown(`nobody has asked for the payment ${purchase_id} yet`)
}
