import { IssueRefund } from '@argosy/contracts/messages/payment'
import type { DataOf } from '@kit/message/message'
import { onBatch } from '@kit/messaging/consumer'
import type { Outgoing } from '@kit/messaging/outgoing'
import { sql } from '@kit/postgres/statement'
import type { Payment } from '../domain/payment.ts'
import { decideRefund } from '../domain/refund.ts'
import type { Refund } from '../domain/refund.ts'
import { loadPayments } from '../payment-rows.ts'
import { refundOf } from '../provider-job.ts'
import { settleRefunds } from '../refund-rows.ts'

type Row = Refund & { readonly purchase_id: string }
type Asked = DataOf<typeof IssueRefund>

const selectRefunds = sql<Row>(import.meta.url, 'select-refunds.sql')
const insertRefunds = sql(import.meta.url, 'insert-refunds.sql')

/**
 * Gives parts of captured money back. Only the intent is written here; call-provider/ does it and tells. Each refund has a key
 * of its own at the provider, so that the same one asked twice is one. The order has decided before on what is left of it:
 * a refund that is impossible all the same is a fault, and becomes a dead letter that somebody looks at.
 */
export const issueRefund = onBatch(IssueRefund, async (asked, tx, platform) => {
  const now = platform.clock.now()
  const ids = asked.map(({ purchase_id }) => purchase_id)
  const payments = await loadPayments(tx, ids)
  const refunds = Map.groupBy(await tx.query(selectRefunds, [ids]), ({ purchase_id }) => purchase_id)
  const opened: Asked[] = []
  const again: string[] = []
  const outgoing: Outgoing[] = []
  for (const one of asked) {
    const payment: Payment = payments.get(one.purchase_id) ?? { state: 'absent' }
    const before = refunds.get(one.purchase_id) ?? []
    const outcome = decideRefund(payment, before, one)
    if (outcome.is === 'issued') again.push(one.refund_id)
    if (outcome.is === 'impossible') throw new Error(`refund ${one.refund_id}: ${outcome.reason}`)
    if (outcome.is !== 'issue' || payment.state !== 'captured') continue
    opened.push(one)
    refunds.set(one.purchase_id, [...before, { ...one, state: 'pending' }])
    outgoing.push(refundOf(one.purchase_id, one, payment))
  }
  if (opened.length > 0) {
    const column = <K extends keyof Asked>(name: K) => opened.map((one) => one[name])
    void tx.query(insertRefunds, [column('refund_id'), column('purchase_id'), column('amount'), now])
  }
  return again.length === 0 ? outgoing : [...outgoing, ...(await settleRefunds(tx, again, now))]
})
