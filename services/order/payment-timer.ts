import { Timestamp, Uuid } from '@argosy/contracts/fields'
import { job } from '@kit/jobs/job'
import type { JobRequest } from '@kit/messaging/outgoing'
import { sql } from '@kit/postgres/statement'
import Type from 'typebox'

/** The database's time, by which alone it is decided what is due: processes may disagree, and their clocks jump. */
export const selectNow = sql<{ now: Date }>(import.meta.url, 'select-now.sql')

/** One per order that waits for its payment: looks at the order when something is due, and asks for the next look. */
export const WatchPayment = job(
  'order.watch-payment',
  'purchase_id',
  Type.Object({
    purchase_id: Uuid,
    /** When the order was placed, by the database's clock. */
    since: Timestamp,
    /** The number of the last reminder; 0 for none yet. */
    reminded: Type.Integer({ minimum: 0 }),
  }),
)

type Watched = ReturnType<typeof WatchPayment.parse>

/** The look so many ms after the placing. */
export const lookAfter = (ms: number, watched: Watched): JobRequest =>
  WatchPayment(watched, { runAt: new Date(Date.parse(watched.since) + ms) })
