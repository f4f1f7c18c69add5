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
  ProviderSilent,
} from '@argosy/contracts/messages/payment'
import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import { asks, coveredBy, refusedBy, saga, undoneBy } from '@kit/saga/saga'
import type { Sale } from './domain/pricing.ts'

/** What the process knows of its purchase. The card is the provider's token; card data never gets here. */
export type Purchase = Sale & {
  readonly purchase_id: string
  readonly customer_id: string
  readonly card_token?: string
  /** Absent: by card, at once. */
  readonly payment_method?: 'transfer'
}

const id = ({ purchase_id }: Purchase) => ({ purchase_id })
const sale = ({ purchase_id, customer_id, lines, amount, currency_code, payment_method }: Purchase) => ({
  purchase_id,
  customer_id,
  lines: [...lines],
  amount,
  currency_code,
  ...(payment_method !== undefined && { payment_method }),
})

/** The provider leaves this call unanswered. The step is undone as well, for it may have been carried out. */
const providerSilent = (operation: 'authorize' | 'capture') =>
  refusedBy(ProviderSilent, () => 'provider-silent', {
    when: (data) => data.operation === operation,
    outcome: 'cancelled',
  })

/**
 * What becomes of a purchase. A refusal undoes the steps before, last first; one that is called off undoes the step
 * that it was at as well. Silence undoes nothing: the step is asked again. One that is paid later rests at its payment
 * until it is paid, or its order is cancelled or expires.
 */
export const purchaseSaga = saga<Purchase>({
  name: 'purchase',
  version: 1,
  steps: [
    {
      name: 'reserve stock',
      ask: asks(ReserveStock, ({ purchase_id, lines }) => ({
        purchase_id,
        lines: lines.map(({ product_id, quantity }) => ({ product_id, quantity })),
      })),
      done: StockReserved,
      refused: refusedBy(StockRefused, ({ reason }) => reason),
      undo: undoneBy(ReleaseStock, id, StockReleased),
    },
    {
      name: 'place order',
      ask: asks(PlaceOrder, sale),
      done: OrderPlaced,
      refused: refusedBy(OrderRefused, ({ reason }) => reason, { when: ({ command }) => command === PlaceOrder.type }),
      undo: undoneBy(
        CancelOrder,
        ({ purchase_id }, failure) => ({ purchase_id, reason: failure?.reason ?? 'cancelled' }),
        OrderCancelled,
      ),
    },
    {
      name: 'authorize payment',
      ask: asks(
        AuthorizePayment,
        ({ purchase_id, customer_id, amount, currency_code, card_token, payment_method }) => ({
          purchase_id,
          customer_id,
          amount,
          currency_code,
          ...(card_token !== undefined && { card_token }),
          ...(payment_method !== undefined && { payment_method }),
        }),
      ),
      done: PaymentAuthorized,
      refused: refusedBy(PaymentDeclined, ({ reason }) => reason),
      pending: PaymentPending,
      calledOff: [
        refusedBy(OrderCancelled, ({ reason }) => reason, { outcome: 'cancelled' }),
        providerSilent('authorize'),
      ],
      undo: undoneBy(VoidPayment, id, PaymentVoided),
    },
    {
      name: 'mark paid',
      ask: asks(MarkPaid, id),
      done: OrderPaid,
      // The only order that cannot be paid is one that somebody has cancelled meanwhile.
      refused: refusedBy(OrderRefused, ({ reason }) => reason, {
        when: ({ command }) => command === MarkPaid.type,
        outcome: 'cancelled',
      }),
      undo: coveredBy('place order'),
    },
    {
      name: 'capture payment',
      ask: asks(CapturePayment, id),
      done: PaymentCaptured,
      refused: refusedBy(CaptureRefused, ({ reason }) => reason),
      calledOff: [providerSilent('capture')],
      undo: undoneBy(RefundPayment, id, PaymentRefunded),
    },
  ],
  settle: [
    { name: 'commit stock', ask: asks(CommitStock, id), done: StockCommitted },
    { name: 'complete order', ask: asks(CompleteOrder, id), done: OrderCompleted },
  ],
  completed: (purchase) => [PurchaseCompleted(sale(purchase))],
  failed: (purchase, failure) => [PurchaseFailed({ ...sale(purchase), ...failure })],
})
