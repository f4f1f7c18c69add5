import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'
import { OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced, OrderRefunded } from '@argosy/contracts/messages/order'
import type { Decider } from '@kit/decider/decider'
import { CancelUnpaidOrder, RefundOrder } from './commands.ts'
import { lifecycle } from './lifecycle.ts'
import type { RefusalReason, PlacedStatus, Status } from './lifecycle.ts'
import { saleAfter, saleOf, objectionTo } from './refund.ts'
import type { RefundRefusal, Sale } from './refund.ts'

/** Commands that are decided on the status alone. */
export type StepCommand = ReturnType<
  typeof PlaceOrder | typeof MarkPaid | typeof CompleteOrder | typeof CancelOrder | typeof CancelUnpaidOrder
>

export type Command = StepCommand | ReturnType<typeof RefundOrder>

export type Event = ReturnType<
  typeof OrderPlaced | typeof OrderPaid | typeof OrderCompleted | typeof OrderCancelled | typeof OrderRefunded
>

/** How an order stands, which its row tells. */
export type State =
  | { readonly status: Exclude<Status, 'CANCELLED'> }
  | { readonly status: 'CANCELLED'; readonly reason: string }

/** All that the rules need to know of an order; what was sold is known from its events alone. */
export type Order = State & { readonly sale?: Sale }

export type Refusal = { readonly refused: RefusalReason | RefundRefusal }

/** The events that a command leads to which needs to know no more than how the order stands. */
export const decideStep = (command: StepCommand, { status }: State): readonly Event[] | Refusal => {
  const step = lifecycle[status][command.type]
  if (step === 'already') return []
  return typeof step === 'object' && 'refused' in step ? step : [eventOf(command)]
}

const decide = (command: Command, before: Order): readonly Event[] | Refusal =>
  command.type === RefundOrder.type ? refund(command, before) : decideStep(command, before)

const refund = (
  { type, data }: ReturnType<typeof RefundOrder>,
  { status, sale }: Order,
): readonly Event[] | Refusal => {
  const made = sale?.refunds.get(data.refund_id)
  const objection = sale === undefined ? undefined : objectionTo(data, sale)
  // The same refund once more is the same refund, also when nothing would be left for another.
  if (made !== undefined) return objection ?? []
  const step = lifecycle[status][type]
  if (typeof step === 'object' && 'refused' in step) return step
  if (sale === undefined) throw new Error(`the order ${data.purchase_id} is ${status} and was never placed`)
  // All the money has gone back; units may still come.
  if (status === 'REFUNDED' && data.restock.length === 0) return { refused: 'refunded' }
  const { amount = sale.left, ...rest } = data
  return objection ?? [OrderRefunded({ ...rest, amount, remaining: sale.left - amount })]
}

const evolve = ({ sale }: Order, event: Event): Order => {
  const after = event.type === OrderPlaced.type ? saleOf(event.data) : sale
  if (after === undefined) return stateAfter(event)
  return { ...stateAfter(event), sale: event.type === OrderRefunded.type ? saleAfter(after, event.data) : after }
}

/** How an order stands after an event: each says enough by itself, so that the row needs no more than the last one. */
export const stateAfter = (event: Event): Exclude<State, { status: 'ABSENT' }> & { readonly status: PlacedStatus } => {
  switch (event.type) {
    case OrderPlaced.type:
      return { status: 'PENDING' }
    case OrderPaid.type:
      return { status: 'PAID' }
    case OrderCompleted.type:
      return { status: 'COMPLETED' }
    case OrderCancelled.type:
      return { status: 'CANCELLED', reason: event.data.reason }
    case OrderRefunded.type:
      return { status: event.data.remaining === 0 ? 'REFUNDED' : 'PARTIALLY_REFUNDED' }
  }
}

/** An order's rules. No events for a command whose effect is there already. */
export const order: Decider<Command, Event, Order, Refusal> = { initial: { status: 'ABSENT' }, decide, evolve }

/** What was told when the command had its effect: told again to whoever asks again. */
export const toldBefore = (command: StepCommand, before: State): Event =>
  before.status === 'CANCELLED'
    ? OrderCancelled({ purchase_id: command.data.purchase_id, reason: before.reason })
    : eventOf(command)

const eventOf = (command: StepCommand): Event => {
  switch (command.type) {
    case PlaceOrder.type:
      return OrderPlaced(command.data)
    case MarkPaid.type:
      return OrderPaid(command.data)
    case CompleteOrder.type:
      return OrderCompleted(command.data)
    case CancelOrder.type:
    case CancelUnpaidOrder.type:
      return OrderCancelled(command.data)
  }
}
