import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import type { DataOf } from '@kit/message/message'
import { onBatch } from '@kit/messaging/consumer'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { addressLetters } from '../address-letters.ts'

const insertEndedOrders = sql(import.meta.url, 'insert-ended-orders.sql')

type Sale = DataOf<typeof PurchaseCompleted>
type Failure = DataOf<typeof PurchaseFailed>

/** The customer is told that the purchase went through; of one that was paid later, that the payment has arrived. */
export const confirmPurchase = onBatch(PurchaseCompleted, async (purchases, tx) => {
  await forgetReminders(purchases, tx)
  return addressLetters(
    purchases.map((purchase) => ({ customer_id: purchase.customer_id, letter: confirmation(purchase) })),
    tx,
  )
})

/** The customer is told that the purchase did not go through, or that the order was cancelled, and why. */
export const explainFailure = onBatch(PurchaseFailed, async (purchases, tx) => {
  await forgetReminders(purchases, tx)
  return addressLetters(
    purchases.map((purchase) => ({ customer_id: purchase.customer_id, letter: explanation(purchase) })),
    tx,
  )
})

/** Only what is paid later is ever reminded of, so only that is remembered as ended. */
const forgetReminders = async (purchases: readonly Sale[], tx: Tx): Promise<void> => {
  const later = purchases.filter(({ payment_method }) => payment_method === 'transfer')
  if (later.length > 0) await tx.query(insertEndedOrders, [later.map(({ purchase_id }) => purchase_id)])
}

const confirmation = ({ purchase_id, lines, amount, currency_code, payment_method }: Sale) => {
  const template = payment_method === 'transfer' ? 'payment-received' : 'purchase-completed'
  return { template, purchase_id, lines, amount, currency_code } as const
}

const explanation = ({ outcome, reason, purchase_id, lines, amount, currency_code, payment_method }: Failure) => {
  const sale = { purchase_id, lines, amount, currency_code, reason }
  return outcome === 'refused'
    ? ({ template: 'purchase-refused', ...sale } as const)
    : ({ template: 'purchase-cancelled', ...sale, ...(payment_method !== undefined && { payment_method }) } as const)
}
