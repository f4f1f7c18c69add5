import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'

/** ABSENT: nothing has happened yet. The other four are what customers see. */
export type Status = 'ABSENT' | 'PENDING' | 'PAID' | 'COMPLETED' | 'CANCELLED'

export type RefusalReason = 'not-placed' | 'not-paid' | 'completed' | 'cancelled'

type CommandType = typeof PlaceOrder.type | typeof MarkPaid.type | typeof CompleteOrder.type | typeof CancelOrder.type

/** A command leads to another status, has had its effect already, or is refused. */
export type Step = Exclude<Status, 'ABSENT'> | 'already' | { readonly refused: RefusalReason }

const notPlaced = { refused: 'not-placed' } as const
const notPaid = { refused: 'not-paid' } as const
const completed = { refused: 'completed' } as const
const cancelled = { refused: 'cancelled' } as const

/** All that an order can go through. Cancelling one that was never placed keeps it from being placed later. */
export const lifecycle: Readonly<Record<Status, Readonly<Record<CommandType, Step>>>> = {
  ABSENT: {
    [PlaceOrder.type]: 'PENDING',
    [MarkPaid.type]: notPlaced,
    [CompleteOrder.type]: notPlaced,
    [CancelOrder.type]: 'CANCELLED',
  },
  PENDING: {
    [PlaceOrder.type]: 'already',
    [MarkPaid.type]: 'PAID',
    [CompleteOrder.type]: notPaid,
    [CancelOrder.type]: 'CANCELLED',
  },
  PAID: {
    [PlaceOrder.type]: 'already',
    [MarkPaid.type]: 'already',
    [CompleteOrder.type]: 'COMPLETED',
    [CancelOrder.type]: 'CANCELLED',
  },
  COMPLETED: {
    [PlaceOrder.type]: 'already',
    [MarkPaid.type]: 'already',
    [CompleteOrder.type]: 'already',
    [CancelOrder.type]: completed,
  },
  CANCELLED: {
    [PlaceOrder.type]: cancelled,
    [MarkPaid.type]: cancelled,
    [CompleteOrder.type]: cancelled,
    [CancelOrder.type]: 'already',
  },
}

/** The table as a Mermaid state diagram. */
export const diagram = (): string => {
  const arrows = Object.entries(lifecycle).flatMap(([from, steps]) =>
    Object.entries(steps).flatMap(([command, to]) =>
      typeof to === 'string' && to !== 'already' ? [`  ${from} --> ${to}: ${wordsOf(command)}`] : [],
    ),
  )
  return ['stateDiagram-v2', ...arrows.map((arrow) => arrow.replace('  ABSENT ', '  [*] '))].join('\n')
}

/** `order.mark-paid.v1` as `mark paid`. */
const wordsOf = (type: string): string => (type.split('.')[1] ?? type).replaceAll('-', ' ')
