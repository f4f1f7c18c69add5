import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import type { DataOf } from '@kit/message/message'
import { onBatch } from '@kit/messaging/consumer'
import type { JobRequest } from '@kit/messaging/outgoing'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { dedupeKey, SendLetter } from '../letter.ts'
import type { Letter, Recipient } from '../letter.ts'

const selectRecipients = sql<{ account_id: string } & Recipient>(import.meta.url, 'select-recipients.sql')

type Result = { readonly customer_id: string; readonly letter: Letter & { readonly purchase_id: string } }

/** The customer is told that the purchase went through. */
export const confirmPurchase = onBatch(PurchaseCompleted, (purchases, tx) =>
  letters(
    purchases.map((purchase) => ({ customer_id: purchase.customer_id, letter: confirmation(purchase) })),
    tx,
  ),
)

/** The customer is told that the purchase did not go through, and why. */
export const explainFailure = onBatch(PurchaseFailed, (purchases, tx) =>
  letters(
    purchases.map((purchase) => ({ customer_id: purchase.customer_id, letter: explanation(purchase) })),
    tx,
  ),
)

const letters = async (results: readonly Result[], tx: Tx): Promise<readonly JobRequest[]> => {
  const rows = await tx.query(selectRecipients, [[...new Set(results.map((result) => result.customer_id))]])
  const known = new Map(rows.map(({ account_id, email, first_name }) => [account_id, { email, first_name }]))
  return results.map(({ customer_id, letter }) => {
    // The registration may still be on its way: it travels on another topic. The worker then looks again.
    const to = known.get(customer_id)
    return SendLetter(
      { about: letter.purchase_id, account_id: customer_id, ...(to && { to }), letter },
      { dedupe: dedupeKey(letter) },
    )
  })
}

const confirmation = ({ purchase_id, lines, amount, currency_code }: DataOf<typeof PurchaseCompleted>) =>
  ({ template: 'purchase-completed', purchase_id, lines, amount, currency_code }) as const

const explanation = ({ purchase_id, lines, amount, currency_code, outcome, reason }: DataOf<typeof PurchaseFailed>) =>
  ({ template: `purchase-${outcome}`, purchase_id, lines, amount, currency_code, reason }) as const
