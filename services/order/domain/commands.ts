// Commands that no message carries: routes and timers give them to an order themselves.
import type { OrderRefunded } from '@argosy/contracts/messages/order'
import type { DataOf } from '@kit/message/message'

export type AskedRefund = {
  readonly purchase_id: string
  readonly refund_id: string
  /** Minor units; all that is left when absent. */
  readonly amount?: number
  /** Units that go back on the shelf. */
  readonly restock: DataOf<typeof OrderRefunded>['restock']
}

const command =
  <const Type extends string>(type: Type) =>
  <Data>() =>
    Object.assign((data: Data) => ({ type, data }) as const, { type })

/** Cancels an order that is not paid yet: by its owner, or because its time is over. A paid one is left alone. */
export const CancelUnpaidOrder = command('order.cancel-unpaid-order')<{
  readonly purchase_id: string
  readonly reason: string
}>()

/** Gives back part or all of what was paid. The same refund asked twice is one. */
export const RefundOrder = command('order.refund-order')<AskedRefund>()
