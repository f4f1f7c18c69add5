import { ShowOrderHistory } from '@argosy/contracts/http/order'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { orderNotFound } from '../not-found.ts'

type EventRow = { readonly version: number; readonly type: string; readonly data: unknown; readonly at: Date }

const selectEvents = sql<EventRow>(import.meta.url, 'select-events.sql')

export const showOrderHistory = route(ShowOrderHistory, async ({ params: { id }, caller }, { db }) => {
  const events = await db.query(selectEvents, [id, caller.id])
  if (events.length === 0) return orderNotFound(id)
  return { id, events: events.map(({ at, ...event }) => ({ ...event, at: at.toISOString() })) }
})
