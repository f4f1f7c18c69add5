import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Payment, Terms, Undo } from './domain/payment.ts'

/** Payments by purchase id. */
export type Payments = ReadonlyMap<string, Payment>

export type PaymentRow = {
  readonly purchase_id: string
  readonly state: Exclude<Payment['state'], 'absent'>
  readonly customer_id: string | null
  readonly amount: number | null
  readonly currency_code: string | null
  readonly card_token: string | null
  readonly authorization_id: string | null
  readonly owed: Undo | null
  readonly reason: string | null
  readonly tries: number | null
}

const lockPayments = sql<PaymentRow>(import.meta.url, 'lock-payments.sql')
const insertAll = sql(import.meta.url, 'insert-payments.sql')
const updateAll = sql(import.meta.url, 'update-payments.sql')

/** The payments that exist, by purchase id, locked until the transaction ends. */
export const loadPayments = async (tx: Tx, ids: readonly string[]): Promise<Payments> => {
  const rows = await tx.query(lockPayments, [[...new Set(ids)]])
  return new Map(rows.map((row) => [row.purchase_id, paymentOf(row)]))
}

/** Writes payments that were not there. Only issued: the commit waits for it. */
export const insertPayments = (tx: Tx, payments: Payments, now: Date): void => {
  if (payments.size === 0) return
  const column = columnsOf(payments)
  void tx.query(insertAll, [
    column('purchase_id'),
    column('state'),
    column('customer_id'),
    column('amount'),
    column('currency_code'),
    column('card_token'),
    column('owed'),
    column('tries'),
    now,
  ])
}

/** Writes what has changed of locked payments; what is to be paid never does, and the card of a later try is in its job only. */
export const updatePayments = (tx: Tx, payments: Payments, now: Date): void => {
  if (payments.size === 0) return
  const column = columnsOf(payments)
  void tx.query(updateAll, [
    column('purchase_id'),
    column('state'),
    column('authorization_id'),
    column('owed'),
    column('reason'),
    column('tries'),
    now,
  ])
}

const columnsOf = (payments: Payments) => {
  const rows = Array.from(payments, ([purchase_id, payment]) => rowOf(purchase_id, payment))
  return <K extends keyof PaymentRow>(name: K) => rows.map((row) => row[name])
}

const rowOf = (purchase_id: string, payment: Payment): PaymentRow => {
  if (payment.state === 'absent') throw new Error(`the payment of ${purchase_id} does not exist: nothing to write`)
  const { terms } = payment
  return {
    purchase_id,
    state: payment.state,
    customer_id: terms?.customer_id ?? null,
    amount: terms?.amount ?? null,
    currency_code: terms?.currency_code ?? null,
    card_token: terms?.card_token ?? null,
    authorization_id: ('authorization' in payment ? payment.authorization : null) ?? null,
    owed: 'owed' in payment ? payment.owed : null,
    reason: 'reason' in payment ? payment.reason : null,
    tries: ('tries' in payment ? payment.tries : null) ?? null,
  }
}

const paymentOf = (row: PaymentRow): Payment => {
  const terms = termsOf(row)
  if (terms === undefined) return { state: 'voided' }
  const held = () => ({ terms, authorization: present(row, 'authorization_id') })
  const { state } = row
  switch (state) {
    case 'pending':
      return { state, terms, tries: present(row, 'tries') }
    case 'authorizing':
      return { state, terms, ...(row.tries === null ? {} : { tries: row.tries }) }
    case 'cancelling':
      return { state, terms, owed: present(row, 'owed') }
    case 'declined':
      return { state, terms, reason: present(row, 'reason') }
    case 'authorized':
    case 'capturing':
    case 'captured':
    case 'refunded':
      return { state, ...held() }
    case 'uncaptured':
      return { state, ...held(), reason: present(row, 'reason') }
    case 'returning':
    case 'voiding':
    case 'refunding':
      return { state, ...held(), owed: present(row, 'owed') }
    case 'voided':
      return { state, terms, ...(row.authorization_id === null ? {} : { authorization: row.authorization_id }) }
  }
}

const termsOf = ({ customer_id, amount, currency_code, card_token }: PaymentRow): Terms | undefined => {
  if (customer_id === null || amount === null || currency_code === null) return undefined
  return { customer_id, amount, currency_code, ...(card_token === null ? {} : { card_token }) }
}

/** The table's constraints promise it. */
const present = <K extends keyof PaymentRow>(row: PaymentRow, name: K): NonNullable<PaymentRow[K]> => {
  const value = row[name]
  if (value === null) throw new Error(`the payment ${row.purchase_id} is ${row.state} and has no ${name}`)
  return value
}
