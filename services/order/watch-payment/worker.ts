import { setTimeout as pause } from 'node:timers/promises'
import { OrderPlaced, PaymentReminded } from '@argosy/contracts/messages/order'
import { isRefused } from '@kit/decider/decider'
import { worker } from '@kit/jobs/job'
import type { RetryPolicy, Worker } from '@kit/jobs/job'
import type { Message } from '@kit/message/message'
import type { Outgoing } from '@kit/messaging/outgoing'
import type { Tx } from '@kit/postgres/queryable'
import { CancelUnpaidOrder } from '../domain/commands.ts'
import { decideStep } from '../domain/order.ts'
import type { Event } from '../domain/order.ts'
import { project, stateOf } from '../domain/projection.ts'
import type { OrderRow, Recorded } from '../domain/projection.ts'
import { dueAt } from '../domain/timetable.ts'
import type { Timetable } from '../domain/timetable.ts'
import { appendEvents, loadEvents, loadOrders, updateOrders } from '../event-store.ts'
import { lookAfter, selectNow, WatchPayment } from '../payment-timer.ts'

type Watched = ReturnType<typeof WatchPayment.parse>

/** Why an order was cancelled, when nobody has paid it. */
const REASON = 'not-paid-in-time'

/**
 * So many timers at a time, for so long each, in ms: when very many are due at once, they are done at a walk, and who buys meanwhile
 * hardly notices (bench: timers). It makes a single timer no later than that.
 */
const TOGETHER = 68
const PACE = 24

/**
 * Without end: nobody else would end the order and release its stock. Nothing outside is asked here, so what fails is to be mended by
 * us, and the look is made then, at most ten minutes later.
 */
const retry: RetryPolicy = { attempts: Number.POSITIVE_INFINITY, firstDelay: 500, maxDelay: 600_000 }

/**
 * Looks at unpaid orders when their time has come: reminds of them, or cancels them. All is done on the locked rows and ends in
 * the transaction that ends the job and asks for the next look, so that each reminder is told once whatever dies meanwhile; an
 * order that was paid, or cancelled otherwise, is left alone and not looked at again.
 */
export const watchPayments = (times: Timetable): Worker =>
  worker({
    job: WatchPayment,
    concurrency: TOGETHER,
    retry,
    perform: (_data, { signal }) => pause(PACE, undefined, { signal }),
    finish: async (done, tx, platform) => {
      const watched = done.map(({ data }) => data)
      const [orders, [clock]] = await Promise.all([
        loadOrders(
          tx,
          watched.map(({ purchase_id }) => purchase_id),
        ),
        tx.query(selectNow),
      ])
      if (clock === undefined) throw new Error('the database has no time')
      const looks = watched.flatMap((one) => lookAt(one, orders.get(one.purchase_id), clock.now, times))
      return [
        ...cancel(
          looks.filter(({ due }) => due.expired),
          tx,
          platform.clock.now(),
        ),
        ...(await remind(looks, tx, times)),
        ...looks.flatMap(nextLook),
      ]
    },
  })

type Look = { readonly watched: Watched; readonly row: OrderRow; readonly due: ReturnType<typeof dueAt> }

const lookAt = (watched: Watched, row: OrderRow | undefined, now: Date, times: Timetable): readonly Look[] => {
  if (row?.status !== 'PENDING') return []
  return [{ watched, row, due: dueAt(times, now.getTime() - Date.parse(watched.since), watched.reminded) }]
}

/** The saga is told by the event, and gives back the stock and whatever was promised by the customer's bank. */
const cancel = (expired: readonly Look[], tx: Tx, at: Date): readonly Message[] => {
  const recorded: Recorded[] = []
  const rows: OrderRow[] = []
  for (const { row } of expired) {
    const outcome = decideStep(CancelUnpaidOrder({ purchase_id: row.purchase_id, reason: REASON }), stateOf(row))
    if (isRefused(outcome))
      throw new Error(`the order ${row.purchase_id} is ${row.status} and cannot be cancelled as unpaid`)
    for (const event of outcome) {
      const one: Recorded = { event, version: row.version + 1, at }
      recorded.push(one)
      rows.push(project(row, one))
    }
  }
  appendEvents(tx, recorded)
  updateOrders(tx, rows)
  return recorded.map(({ event }) => event)
}

const remind = async (looks: readonly Look[], tx: Tx, { expiry }: Timetable): Promise<readonly Message[]> => {
  const reminders = looks.flatMap(({ watched, due }) =>
    due.expired || due.remind === undefined ? [] : [{ watched, number: due.remind }],
  )
  if (reminders.length === 0) return []
  const streams = await loadEvents(
    tx,
    reminders.map(({ watched }) => watched.purchase_id),
  )
  return reminders.map(({ watched: { purchase_id, since }, number }) => {
    const { customer_id, lines, amount, currency_code } = placedIn(streams.get(purchase_id) ?? [])
    const expires_at = new Date(Date.parse(since) + expiry).toISOString()
    return PaymentReminded({ purchase_id, customer_id, number, lines, amount, currency_code, expires_at })
  })
}

const placedIn = (stream: readonly Recorded[]): Extract<Event, { type: typeof OrderPlaced.type }>['data'] => {
  const [first] = stream
  if (first?.event.type !== OrderPlaced.type) throw new Error('a pending order does not begin with its placing')
  return first.event.data
}

const nextLook = ({ watched, due }: Look): readonly Outgoing[] =>
  due.expired ? [] : [lookAfter(due.next, { ...watched, reminded: due.remind ?? watched.reminded })]
