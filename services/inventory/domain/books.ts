import type { StockRefused } from '@argosy/contracts/messages/inventory'
import type { DataOf } from '@kit/message/message'
import type { Stock } from './stock.ts'

export type Line = { readonly product_id: string; readonly quantity: number }

export type Refusal = Pick<DataOf<typeof StockRefused>, 'reason' | 'product_id'>

/** What became of a purchase's stock. A released one without lines was released before it was asked for. */
export type Reservation = { readonly purchase_id: string; readonly lines: readonly Line[] } & (
  | { readonly state: 'reserved' }
  | { readonly state: 'committed' }
  | { readonly state: 'released' }
  | { readonly state: 'refused'; readonly refusal: Refusal }
)

/** Units of one product that left the house together, and for which purchases. */
export type Sale = { readonly product_id: string; readonly quantity: number; readonly purchase_ids: readonly string[] }

/** What has changed, as it stands at the end of the batch. */
export type Changes = {
  readonly reservations: readonly Reservation[]
  readonly stock: readonly Stock[]
  readonly sales: readonly Sale[]
}

/** Stock and reservations while a batch is decided: each command sees what those before it did. */
export type Books = {
  readonly stock: (product_id: string) => Stock | undefined
  readonly reservation: (purchase_id: string) => Reservation | undefined
  readonly keep: (reservation: Reservation) => Reservation
  readonly reserve: (line: Line) => void
  readonly release: (line: Line) => void
  readonly sell: (line: Line, purchase_id: string) => void
  readonly changes: () => Changes
}

export const openBooks = (allStock: Iterable<Stock>, allReservations: Iterable<Reservation>): Books => {
  const stock = new Map(Array.from(allStock, (one) => [one.product_id, one]))
  const reservations = new Map(Array.from(allReservations, (one) => [one.purchase_id, one]))
  const moved = new Map<string, Stock>()
  const kept = new Map<string, Reservation>()
  const sold = new Map<string, { quantity: number; purchase_ids: string[] }>()

  const move = (product_id: string, on_hand: number, reserved: number): void => {
    const before = stock.get(product_id)
    if (before === undefined) throw new Error(`product ${product_id} is in a reservation and has no stock`)
    const after = { product_id, on_hand: before.on_hand + on_hand, reserved: before.reserved + reserved }
    stock.set(product_id, after)
    moved.set(product_id, after)
  }

  return {
    stock: (product_id) => stock.get(product_id),
    reservation: (purchase_id) => reservations.get(purchase_id),
    keep: (reservation) => {
      reservations.set(reservation.purchase_id, reservation)
      kept.set(reservation.purchase_id, reservation)
      return reservation
    },
    reserve: ({ product_id, quantity }) => move(product_id, 0, quantity),
    release: ({ product_id, quantity }) => move(product_id, 0, -quantity),
    sell: ({ product_id, quantity }, purchase_id) => {
      move(product_id, -quantity, -quantity)
      const sale = sold.get(product_id) ?? { quantity: 0, purchase_ids: [] }
      sale.quantity += quantity
      sale.purchase_ids.push(purchase_id)
      sold.set(product_id, sale)
    },
    changes: () => ({
      reservations: [...kept.values()],
      stock: [...moved.values()],
      sales: Array.from(sold, ([product_id, sale]) => ({ product_id, ...sale })),
    }),
  }
}
