import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Refusal, Reservation } from './domain/books.ts'
import { arrayLiteral } from './stock-rows.ts'

export type ReservationRow = {
  readonly purchase_id: string
  readonly state: Reservation['state']
  readonly product_ids: readonly string[]
  readonly quantities: readonly number[]
  readonly refusal: Refusal['reason'] | null
  readonly refused_product: string | null
}

const lockReservations = sql<ReservationRow>(import.meta.url, 'lock-reservations.sql')
const insertReservations = sql(import.meta.url, 'insert-reservations.sql')
const updateReservations = sql(import.meta.url, 'update-reservations.sql')

/** Those that exist, locked until the transaction ends. */
export const loadReservations = async (tx: Queryable, ids: readonly string[]): Promise<readonly Reservation[]> =>
  (await tx.query(lockReservations, [ids])).map(reservationOf)

const reservationOf = ({ purchase_id, state, refusal, refused_product, ...row }: ReservationRow): Reservation => {
  const lines = row.product_ids.map((product_id, i) => ({ product_id, quantity: row.quantities[i] ?? 0 }))
  if (state !== 'refused') return { purchase_id, state, lines }
  if (refusal === null) throw new Error(`the reservation ${purchase_id} is refused without a reason`)
  const refused = refused_product === null ? {} : { product_id: refused_product }
  return { purchase_id, state, lines, refusal: { reason: refusal, ...refused } }
}

export const insertAll = (tx: Tx, reservations: readonly Reservation[], now: Date): void => {
  if (reservations.length === 0) return
  const refusals = reservations.map((one) => (one.state === 'refused' ? one.refusal : undefined))
  void tx.query(insertReservations, [
    reservations.map((one) => one.purchase_id),
    reservations.map((one) => one.state),
    reservations.map((one) => arrayLiteral(one.lines.map((line) => line.product_id))),
    reservations.map((one) => arrayLiteral(one.lines.map((line) => line.quantity))),
    refusals.map((refusal) => refusal?.reason),
    refusals.map((refusal) => refusal?.product_id),
    now,
  ])
}

/** Only the state of a reservation ever changes. */
export const updateAll = (tx: Tx, reservations: readonly Reservation[], now: Date): void => {
  if (reservations.length === 0) return
  void tx.query(updateReservations, [
    reservations.map((one) => one.purchase_id),
    reservations.map((one) => one.state),
    now,
  ])
}
