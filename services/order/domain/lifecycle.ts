import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'
import { wordsOf } from '@kit/message/message'
import { CancelUnpaidOrder, RefundOrder } from './commands.ts'

/** ABSENT: nothing has happened yet. The others are what customers see. */
export type Status = 'ABSENT' | 'PENDING' | 'PAID' | 'COMPLETED' | 'CANCELLED' | 'PARTIALLY_REFUNDED' | 'REFUNDED'

/** What an order can be that exists. */
export type PlacedStatus = Exclude<Status, 'ABSENT'>

export type RefusalReason =
  | 'not-placed'
  | 'not-paid'
  | 'paid'
  | 'not-completed'
  | 'completed'
  | 'cancelled'
  | 'refunded'

type CommandType =
  | typeof PlaceOrder.type
  | typeof MarkPaid.type
  | typeof CompleteOrder.type
  | typeof CancelOrder.type
  | typeof CancelUnpaidOrder.type
  | typeof RefundOrder.type

/** A command leads to another status, or to one of several by what is left to refund; has had its effect; or is refused. */
export type Step = PlacedStatus | readonly PlacedStatus[] | 'already' | { readonly refused: RefusalReason }

const notPlaced = { refused: 'not-placed' } as const
const notPaid = { refused: 'not-paid' } as const
const paid = { refused: 'paid' } as const
const notCompleted = { refused: 'not-completed' } as const
const completed = { refused: 'completed' } as const
const cancelled = { refused: 'cancelled' } as const

const byWhatIsLeft = ['PARTIALLY_REFUNDED', 'REFUNDED'] as const

/** A completed order, whatever was refunded since: only what a refund leads to differs. */
const onceCompleted = {
  [PlaceOrder.type]: 'already',
  [MarkPaid.type]: 'already',
  [CompleteOrder.type]: 'already',
  [CancelOrder.type]: completed,
  [CancelUnpaidOrder.type]: paid,
} as const

/**
 * All that an order can go through. Cancelling one that was never placed keeps it from being placed later. `cancel` is for
 * the purchase that came to nothing, `cancel unpaid` for the owner and for an order whose time is over: it never touches a paid one.
 */
export const lifecycle: Readonly<Record<Status, Readonly<Record<CommandType, Step>>>> = {
  ABSENT: {
    [PlaceOrder.type]: 'PENDING',
    [MarkPaid.type]: notPlaced,
    [CompleteOrder.type]: notPlaced,
    [CancelOrder.type]: 'CANCELLED',
    [CancelUnpaidOrder.type]: notPlaced,
    [RefundOrder.type]: notPlaced,
  },
  PENDING: {
    [PlaceOrder.type]: 'already',
    [MarkPaid.type]: 'PAID',
    [CompleteOrder.type]: notPaid,
    [CancelOrder.type]: 'CANCELLED',
    [CancelUnpaidOrder.type]: 'CANCELLED',
    [RefundOrder.type]: notPaid,
  },
  PAID: {
    [PlaceOrder.type]: 'already',
    [MarkPaid.type]: 'already',
    [CompleteOrder.type]: 'COMPLETED',
    [CancelOrder.type]: 'CANCELLED',
    [CancelUnpaidOrder.type]: paid,
    [RefundOrder.type]: notCompleted,
  },
  COMPLETED: { ...onceCompleted, [RefundOrder.type]: byWhatIsLeft },
  PARTIALLY_REFUNDED: { ...onceCompleted, [RefundOrder.type]: byWhatIsLeft },
  // Units may come back after all the money has gone.
  REFUNDED: { ...onceCompleted, [RefundOrder.type]: 'REFUNDED' },
  CANCELLED: {
    [PlaceOrder.type]: cancelled,
    [MarkPaid.type]: cancelled,
    [CompleteOrder.type]: cancelled,
    [CancelOrder.type]: 'already',
    [CancelUnpaidOrder.type]: 'already',
    [RefundOrder.type]: cancelled,
  },
}

/** The table as a Mermaid state diagram. */
export const diagram = (): string => {
  const arrows = Object.entries(lifecycle).flatMap(([from, steps]) =>
    Object.entries(steps).flatMap(([command, step]) =>
      leadsTo(step).map((to) => `  ${from} --> ${to}: ${wordsOf(command)}`),
    ),
  )
  return ['stateDiagram-v2', ...arrows.map((arrow) => arrow.replace('  ABSENT ', '  [*] '))].join('\n')
}

const leadsTo = (step: Step): readonly PlacedStatus[] => {
  if (step === 'already' || (typeof step === 'object' && 'refused' in step)) return []
  return typeof step === 'string' ? [step] : step
}
