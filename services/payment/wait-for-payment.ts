import type { RetryPolicy } from '@kit/jobs/job'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { PaymentRow } from './payment-rows.ts'

const selectState = sql<Pick<PaymentRow, 'state'>>(import.meta.url, 'select-state.sql')

/**
 * From a second to an hour apart, for about three days: as late as what it waits for may be. The longer it has been waited for,
 * the more seldom it is looked at.
 */
export const patiently: RetryPolicy = { attempts: 75, firstDelay: 1_000, maxDelay: 3_600_000 }

/** Nobody has asked for the payment yet. Messages of different services come in any order: it may still be asked for. */
class PaymentNotKnown extends Error {
  override readonly name = 'PaymentNotKnown'
}

/** The provider has not answered yet. */
class PaymentBeingTried extends Error {
  override readonly name = 'PaymentBeingTried'
}

/** Fails the try of a job that has come before its payment; the next try looks again. */
export const waitForPayment = async (db: Queryable, purchase_id: string): Promise<void> => {
  await stateOf(db, purchase_id)
}

/** Fails the try of a job that has come before its payment, or while the provider is being asked for money. */
export const waitForTries = async (db: Queryable, purchase_id: string): Promise<void> => {
  if ((await stateOf(db, purchase_id)) === 'authorizing')
    throw new PaymentBeingTried(`another card is being tried for the payment ${purchase_id}`)
}

const stateOf = async (db: Queryable, purchase_id: string): Promise<PaymentRow['state']> => {
  const [payment] = await db.query(selectState, [purchase_id])
  if (payment === undefined) throw new PaymentNotKnown(`nobody has asked for the payment ${purchase_id} yet`)
  return payment.state
}
