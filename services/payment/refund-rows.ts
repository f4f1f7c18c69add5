import { RefundIssued } from '@argosy/contracts/messages/payment'
import type { Message } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

/** A refund with what its answer says. */
type Settled = {
  readonly refund_id: string
  readonly purchase_id: string
  readonly amount: number
  readonly customer_id: string
  readonly currency_code: string
}

const settle = sql<Settled>(import.meta.url, 'settle-refunds.sql')

/** Records that the money of these refunds has gone back. Returns what is to be told. */
export const settleRefunds = async (tx: Tx, ids: readonly string[], now: Date): Promise<readonly Message[]> =>
  (await tx.query(settle, [ids, now])).map((refund) => RefundIssued(refund))
