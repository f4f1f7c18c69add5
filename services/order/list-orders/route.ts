import { Uuid } from '@argosy/contracts/fields'
import { ListOrders } from '@argosy/contracts/http/order'
import { cursor } from '@kit/http/cursor'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { isRefusal } from '@kit/problem/refusal'
import { orderDocument, statusFor } from '../order-document.ts'
import type { PlacedOrder } from '../order-document.ts'

const selectOrders = sql<PlacedOrder>(import.meta.url, 'select-orders.sql', { replanned: true })

const place = cursor(Uuid)

export const listOrders = route(ListOrders, async ({ query, caller }, { db }) => {
  const { limit } = query
  const status = query.status && statusFor(query.status)
  const filter = { status, customer_id: caller.id }
  const before = place.read(query.cursor, filter)
  if (isRefusal(before)) return before
  const orders = await db.query(selectOrders, [caller.id, status, before, limit + 1])
  return place.page(orders.map(orderDocument), limit, ({ id }) => id, filter)
})
