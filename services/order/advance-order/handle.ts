import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'
import { OrderPlaced, OrderRefused } from '@argosy/contracts/messages/order'
import { isRefused } from '@kit/decider/decider'
import type { Message } from '@kit/message/message'
import { onMixedBatch } from '@kit/messaging/consumer'
import type { Consumer } from '@kit/messaging/consumer'
import type { Outgoing } from '@kit/messaging/outgoing'
import { decideStep, toldBefore } from '../domain/order.ts'
import type { Refusal, State, StepCommand } from '../domain/order.ts'
import { project, stateOf } from '../domain/projection.ts'
import type { OrderRow, Recorded } from '../domain/projection.ts'
import { dueAt } from '../domain/timetable.ts'
import type { Timetable } from '../domain/timetable.ts'
import { appendEvents, insertOrders, loadOrders, updateOrders } from '../event-store.ts'
import { lookAfter, selectNow } from '../payment-timer.ts'

/**
 * Advances orders: places them, marks them paid, completes and cancels them, as domain/order.ts decides.
 *
 * One consumer for the four, so that a batch of any mix is three statements. Decides on the projection's row instead of
 * the whole stream: both are written in one transaction, and a rebuild gives the same row (rebuild.test.ts). Routes and
 * timers decide on the same rows, hence the lock; should two ever decide on the same state, the event's key (stream,
 * version) lets one of them through and the other decides again.
 */
export const advanceOrders = (times: Timetable): Consumer =>
  onMixedBatch([PlaceOrder, MarkPaid, CompleteOrder, CancelOrder], async (batch, tx, platform) => {
    // Asked only where an order will wait for its payment: a batch of card purchases is three statements.
    const clock = batch.some(waits) ? tx.query(selectNow) : undefined
    const orders = await loadOrders(tx, [...new Set(batch.map(({ data }) => data.purchase_id))])
    const { replies, recorded, changed } = carryOut(batch, orders, platform.clock.now())
    appendEvents(tx, recorded)
    insertOrders(
      tx,
      changed.filter(({ purchase_id }) => !orders.has(purchase_id)),
    )
    updateOrders(
      tx,
      changed.filter(({ purchase_id }) => orders.has(purchase_id)),
    )
    return [...replies, ...firstLooks(recorded, (await clock)?.[0]?.now, times)]
  })

const waits = ({ type, data }: StepCommand): boolean => type === PlaceOrder.type && data.payment_method === 'transfer'

/** The first timer of each order that now waits for its payment. */
const firstLooks = (recorded: readonly Recorded[], now: Date | undefined, times: Timetable): readonly Outgoing[] => {
  const due = dueAt(times, 0, 0)
  if (now === undefined || due.expired) return []
  return recorded.flatMap(({ event: { type, data } }) =>
    type === OrderPlaced.type && data.payment_method === 'transfer'
      ? [lookAfter(due.next, { purchase_id: data.purchase_id, since: now.toISOString(), reminded: 0 })]
      : [],
  )
}

/** Of a cancelled order why it was cancelled: the purchase tells the customer the same as the order. */
const reasonFor = ({ refused }: Refusal, before: State): string =>
  before.status === 'CANCELLED' ? before.reason : refused

type Outcome = {
  readonly replies: readonly Message[]
  readonly recorded: readonly Recorded[]
  readonly changed: readonly OrderRow[]
}

/** Decides the commands in turn, each on what those before it have led to. */
const carryOut = (batch: readonly StepCommand[], orders: ReadonlyMap<string, OrderRow>, at: Date): Outcome => {
  const replies: Message[] = []
  const recorded: Recorded[] = []
  const changed = new Map<string, OrderRow>()
  for (const command of batch) {
    const { purchase_id } = command.data
    let row = changed.get(purchase_id) ?? orders.get(purchase_id)
    const before = stateOf(row)
    const outcome = decideStep(command, before)
    if (isRefused(outcome)) {
      replies.push(OrderRefused({ purchase_id, command: command.type, reason: reasonFor(outcome, before) }))
      continue
    }
    for (const event of outcome) {
      const record: Recorded = { event, version: (row?.version ?? 0) + 1, at }
      row = project(row, record)
      recorded.push(record)
      changed.set(purchase_id, row)
    }
    replies.push(...(outcome.length > 0 ? outcome : [toldBefore(command, before)]))
  }
  return { replies, recorded, changed: [...changed.values()] }
}
