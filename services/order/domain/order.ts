import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'
import { OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced } from '@argosy/contracts/messages/order'
import type { Decider } from '@kit/decider/decider'
import { lifecycle } from './lifecycle.ts'
import type { RefusalReason, Status } from './lifecycle.ts'

export type Command = ReturnType<typeof PlaceOrder | typeof MarkPaid | typeof CompleteOrder | typeof CancelOrder>

export type Event = ReturnType<typeof OrderPlaced | typeof OrderPaid | typeof OrderCompleted | typeof OrderCancelled>

/** What the rules need to know of an order. What was agreed (lines, amount) stays in its first event. */
export type Order =
  | { readonly status: Exclude<Status, 'CANCELLED'> }
  | { readonly status: 'CANCELLED'; readonly reason: string }

export type Refusal = { readonly refused: RefusalReason }

const decide = (command: Command, { status }: Order): readonly Event[] | Refusal => {
  const step = lifecycle[status][command.type]
  if (step === 'already') return []
  return typeof step === 'string' ? [eventOf(command)] : step
}

const evolve = (_before: Order, event: Event): Order => {
  switch (event.type) {
    case OrderPlaced.type:
      return { status: 'PENDING' }
    case OrderPaid.type:
      return { status: 'PAID' }
    case OrderCompleted.type:
      return { status: 'COMPLETED' }
    case OrderCancelled.type:
      return { status: 'CANCELLED', reason: event.data.reason }
  }
}

/** An order's rules. No events for a command whose effect is there already. */
export const order: Decider<Command, Event, Order, Refusal> = { initial: { status: 'ABSENT' }, decide, evolve }

/** What was told when the command had its effect: told again to whoever asks again. */
export const toldBefore = (command: Command, before: Order): Event =>
  command.type === CancelOrder.type && before.status === 'CANCELLED'
    ? OrderCancelled({ ...command.data, reason: before.reason })
    : eventOf(command)

const eventOf = (command: Command): Event => {
  switch (command.type) {
    case PlaceOrder.type:
      return OrderPlaced(command.data)
    case MarkPaid.type:
      return OrderPaid(command.data)
    case CompleteOrder.type:
      return OrderCompleted(command.data)
    case CancelOrder.type:
      return OrderCancelled(command.data)
  }
}
