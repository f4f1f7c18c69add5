import { CommitStock, ReleaseStock, ReserveStock } from '@argosy/contracts/messages/inventory'
import { StockCommitted, StockRefused, StockReleased, StockReserved } from '@argosy/contracts/messages/inventory'
import type { DataOf } from '@kit/message/message'
import { openBooks } from './books.ts'
import type { Books, Changes, Line, Refusal, Reservation } from './books.ts'
import { available } from './stock.ts'
import type { Stock } from './stock.ts'

export type StockCommand =
  | ReturnType<typeof ReserveStock>
  | ReturnType<typeof ReleaseStock>
  | ReturnType<typeof CommitStock>

export type StockReply =
  | ReturnType<typeof StockReserved>
  | ReturnType<typeof StockRefused>
  | ReturnType<typeof StockReleased>
  | ReturnType<typeof StockCommitted>

/** What a batch leads to; `replies` has one for each command, in order. */
export type Decision = Changes & { readonly replies: readonly StockReply[] }

/** No purchase asks for this: a fault of the asker, never an answer. */
export class ImpossibleCommand extends Error {
  override readonly name = 'ImpossibleCommand'
}

/**
 * Decides each command in turn over the stock and the reservations that the batch names. Given the same command again, or
 * in another batch, the answer is the same. Throws ImpossibleCommand for a commit of what is not reserved and for a
 * release of what is sold.
 */
export const decide = (
  stock: Iterable<Stock>,
  reservations: Iterable<Reservation>,
  commands: readonly StockCommand[],
): Decision => {
  const books = openBooks(stock, reservations)
  const replies = commands.map((command) => answer(books, command))
  return { replies, ...books.changes() }
}

const answer = (books: Books, command: StockCommand): StockReply => {
  switch (command.type) {
    case ReserveStock.type:
      return reserve(books, command.data)
    case ReleaseStock.type:
      return release(books, command.data)
    case CommitStock.type:
      return commit(books, command.data)
  }
}

/** All lines or none. */
const reserve = (books: Books, { purchase_id, lines }: DataOf<typeof ReserveStock>): StockReply => {
  const known = books.reservation(purchase_id)
  if (known !== undefined) return replyTo(known)
  const wanted = totals(lines)
  const refusal = objection(books, wanted)
  if (refusal !== undefined) return replyTo(books.keep({ purchase_id, state: 'refused', lines: [], refusal }))
  for (const line of wanted) books.reserve(line)
  return replyTo(books.keep({ purchase_id, state: 'reserved', lines: wanted }))
}

const release = (books: Books, { purchase_id }: DataOf<typeof ReleaseStock>): StockReply => {
  const known = books.reservation(purchase_id)
  switch (known?.state) {
    case 'committed':
      throw new ImpossibleCommand(`the stock of purchase ${purchase_id} is sold and cannot be released`)
    case 'reserved':
      for (const line of known.lines) books.release(line)
      books.keep({ ...known, state: 'released' })
      break
    case undefined:
      // The question was overtaken: should it still arrive, it must find this.
      books.keep({ purchase_id, state: 'released', lines: [] })
      break
    case 'released':
    case 'refused':
  }
  return StockReleased({ purchase_id })
}

const commit = (books: Books, { purchase_id }: DataOf<typeof CommitStock>): StockReply => {
  const known = books.reservation(purchase_id)
  switch (known?.state) {
    case 'reserved':
      for (const line of known.lines) books.sell(line, purchase_id)
      books.keep({ ...known, state: 'committed' })
      break
    case 'committed':
      break
    case undefined:
    case 'released':
    case 'refused':
      throw new ImpossibleCommand(`the stock of purchase ${purchase_id} is ${known?.state ?? 'unknown'}, not reserved`)
  }
  return StockCommitted({ purchase_id })
}

const replyTo = (reservation: Reservation): StockReply => {
  const { purchase_id } = reservation
  switch (reservation.state) {
    case 'reserved':
    case 'committed':
      return StockReserved({ purchase_id })
    case 'refused':
      return StockRefused({ purchase_id, ...reservation.refusal })
    case 'released':
      return StockRefused({ purchase_id, reason: 'released-before' })
  }
}

const objection = (books: Books, wanted: readonly Line[]): Refusal | undefined => {
  for (const { product_id, quantity } of wanted) {
    const stock = books.stock(product_id)
    if (stock === undefined) return { reason: 'unknown-product', product_id }
    if (available(stock) < quantity) return { reason: 'out-of-stock', product_id }
  }
  return undefined
}

/** A product on two lines is one claim on its stock. */
const totals = (lines: readonly Line[]): readonly Line[] => {
  const quantities = new Map<string, number>()
  for (const { product_id, quantity } of lines) quantities.set(product_id, (quantities.get(product_id) ?? 0) + quantity)
  return [...quantities].map(([product_id, quantity]) => ({ product_id, quantity }))
}
