import { CommitStock, ReleaseStock, ReserveStock } from '@argosy/contracts/messages/inventory'
import { StockCommitted, StockRefused, StockReleased, StockReserved } from '@argosy/contracts/messages/inventory'
import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'
import { OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced, OrderRefused } from '@argosy/contracts/messages/order'
import { AuthorizePayment, CapturePayment, RefundPayment, VoidPayment } from '@argosy/contracts/messages/payment'
import {
  CaptureRefused,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentPending,
  PaymentRefunded,
  PaymentVoided,
} from '@argosy/contracts/messages/payment'
import type { Message } from '@kit/message/message'

/** What the other services hold for one purchase. Money in minor units. */
export type Books = {
  stock: 'none' | 'refused' | 'reserved' | 'released' | 'committed'
  order: 'none' | 'PENDING' | 'PAID' | 'COMPLETED' | 'CANCELLED'
  payment: 'none' | 'pending' | 'declined' | 'authorized' | 'captured' | 'voided' | 'refunded'
  held: number
  taken: number
  captures: number
}

/** How they answer, where they have a choice. */
export type Mood = { readonly outOfStock: boolean; readonly declines: boolean; readonly captureFails: boolean }

export const emptyBooks = (): Books => ({
  stock: 'none',
  order: 'none',
  payment: 'none',
  held: 0,
  taken: 0,
  captures: 0,
})

/** The neighbours of the purchase service as their contracts describe them: the same question gets the same answer. */
export const answer = (books: Books, command: Message, mood: Mood, amount: number): Message => {
  const id = { purchase_id: command.key }
  switch (command.type) {
    case ReserveStock.type:
      if (books.stock === 'none') books.stock = mood.outOfStock ? 'refused' : 'reserved'
      if (books.stock === 'refused') return StockRefused({ ...id, reason: 'out-of-stock' })
      return books.stock === 'released' ? StockRefused({ ...id, reason: 'released-before' }) : StockReserved(id)
    case ReleaseStock.type:
      if (books.stock === 'committed') throw new Error('sold stock was to be released')
      books.stock = 'released'
      return StockReleased(id)
    case CommitStock.type:
      if (books.stock !== 'reserved' && books.stock !== 'committed') throw new Error('nothing reserved was to be sold')
      books.stock = 'committed'
      return StockCommitted(id)
    case PlaceOrder.type:
      if (books.order === 'none') books.order = 'PENDING'
      return books.order === 'CANCELLED' ? refusedOrder(command) : OrderPlaced(command.data as never)
    case MarkPaid.type:
      if (books.order === 'PENDING') books.order = 'PAID'
      return books.order === 'PAID' || books.order === 'COMPLETED' ? OrderPaid(id) : refusedOrder(command)
    case CompleteOrder.type:
      if (books.order === 'PAID') books.order = 'COMPLETED'
      return books.order === 'COMPLETED' ? OrderCompleted(id) : refusedOrder(command)
    case CancelOrder.type:
      if (books.order === 'COMPLETED') throw new Error('a completed order was to be cancelled')
      books.order = 'CANCELLED'
      return OrderCancelled({ ...id, reason: 'x' })
    default:
      return pay(books, command, mood, amount)
  }
}

const refusedOrder = ({ key, type }: Message): Message =>
  OrderRefused({ purchase_id: key, command: type, reason: 'order-cancelled' })

const pay = (books: Books, command: Message, mood: Mood, amount: number): Message => {
  const id = { purchase_id: command.key }
  switch (command.type) {
    case AuthorizePayment.type:
      if (books.payment === 'none') {
        const later = Object(command.data).payment_method === 'transfer'
        books.payment = later ? 'pending' : mood.declines ? 'declined' : 'authorized'
        if (books.payment === 'authorized') books.held = amount
      }
      if (books.payment === 'pending') return PaymentPending(id)
      return books.payment === 'authorized' || books.payment === 'captured'
        ? PaymentAuthorized(id)
        : PaymentDeclined({ ...id, reason: 'card-declined' })
    case CapturePayment.type:
      if (books.payment === 'authorized' && !mood.captureFails) {
        Object.assign(books, { payment: 'captured', held: 0, taken: books.held, captures: books.captures + 1 })
      }
      return books.payment === 'captured'
        ? PaymentCaptured({ ...id, amount, currency_code: 'USD' })
        : CaptureRefused({ ...id, reason: 'expired' })
    case VoidPayment.type:
      if (books.payment === 'captured') throw new Error('captured money was to be voided')
      if (books.payment !== 'refunded') Object.assign(books, { payment: 'voided', held: 0 })
      return PaymentVoided(id)
    case RefundPayment.type:
      books.payment = books.payment === 'captured' || books.payment === 'refunded' ? 'refunded' : 'voided'
      Object.assign(books, { held: 0, taken: 0 })
      return PaymentRefunded(id)
    default:
      throw new Error(`nobody takes ${command.type}`)
  }
}
