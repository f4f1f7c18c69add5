import type { Outgoing } from '@kit/messaging/outgoing'
import type { Tx } from '@kit/postgres/queryable'
import type { Decision } from './domain/decision.ts'
import type { Payment } from './domain/payment.ts'
import { insertPayments, loadPayments, updatePayments } from './payment-rows.ts'
import { intentOf, releaseOf } from './provider-job.ts'

/**
 * Decides what has happened to payments, one after the other, each on what those before it have led to. Returns what is to be
 * told and what the provider is to be asked.
 */
export const decideAll = async <Happened>(
  tx: Tx,
  now: Date,
  happened: readonly Happened[],
  idOf: (one: Happened) => string,
  decide: (payment: Payment, one: Happened) => Decision,
  /** What keeps something that came too early for the payment as it stands; without it that is a fault. */
  keep?: (one: Happened, payment: Payment) => Outgoing,
): Promise<readonly Outgoing[]> => {
  const payments = await loadPayments(tx, happened.map(idOf))
  const opened = new Map<string, Payment>()
  const changed = new Map<string, Payment>()
  const outgoing: Outgoing[] = []
  for (const one of happened) {
    const id = idOf(one)
    const before = changed.get(id) ?? payments.get(id) ?? opened.get(id) ?? { state: 'absent' }
    const { payment, call, reply, release, early } = decide(before, one)
    if (early === true) {
      if (keep === undefined) throw new Error(`it is too early for this: the payment ${id} is ${payment.state}`)
      outgoing.push(keep(one, payment))
    }
    if (payment !== before) (payments.has(id) ? changed : opened).set(id, payment)
    if (call !== undefined) outgoing.push(intentOf(id, call, payment))
    if (release !== undefined) outgoing.push(releaseOf(id, release))
    if (reply !== undefined) outgoing.push(reply)
  }
  insertPayments(tx, opened, now)
  updatePayments(tx, changed, now)
  return outgoing
}
