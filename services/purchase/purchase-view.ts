import type { GetPurchase } from '@argosy/contracts/http/purchase'
import type { ShowPurchaseHistory } from '@argosy/contracts/http/purchase'
import { amountOf } from '@argosy/contracts/line'
import type { AnswerOf } from '@kit/http/endpoint'
import { refuse } from '@kit/problem/refusal'
import type { HistoryLine, Status } from '@kit/saga/state'
import type { Purchase } from './purchase-saga.ts'

/** A purchase as its tables have it. */
export type PurchaseRow = {
  readonly created_at: Date
  readonly updated_at: Date
  readonly data: Purchase
  readonly status: Status
  readonly step: string
  readonly reason: string | null
}

/** Which purchase it is and since when, under the names of now and before. */
export const identity = (id: string, since: Date) => {
  const created_at = since.toISOString()
  return { id, purchase_id: id, created_at, timestamp: created_at }
}

/** What its customer sees of a purchase. */
export const view = (row: PurchaseRow): AnswerOf<typeof GetPurchase> => {
  const { purchase_id, lines, amount, currency_code, rates, payment_method = 'card' } = row.data
  const status = customerStatus(row.status)
  return {
    ...identity(purchase_id, row.created_at),
    status,
    step: row.step,
    ...(status !== 'pending' && row.reason !== null && { reason: row.reason }),
    lines: lines.map((line) => ({ ...line, amount: amountOf(line) })),
    amount,
    currency_code,
    ...(rates !== undefined && { rates }),
    payment_method,
    updated_at: row.updated_at.toISOString(),
  }
}

/** To its customer a purchase is pending until its end is certain, undone or settled. */
const customerStatus = (status: Status): AnswerOf<typeof GetPurchase>['status'] => {
  switch (status) {
    case 'asking':
    case 'resting':
    case 'undoing':
    case 'settling':
      return 'pending'
    case 'completed':
    case 'refused':
    case 'cancelled':
      return status
  }
}

type ToldLine = AnswerOf<typeof ShowPurchaseHistory>['history'][number]

export const lineView = ({ n, at, what, step, detail }: HistoryLine): ToldLine => ({
  n,
  at: at.toISOString(),
  what,
  step,
  ...(detail !== undefined && { detail }),
})

/** The same for a purchase of somebody else as for none. */
export const purchaseNotFound = (id: string) => refuse('purchase-not-found', { detail: `You have no purchase ${id}.` })
