import { GetOrder } from '@argosy/contracts/http/order'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { orderNotFound } from '../not-found.ts'
import { orderDocument } from '../order-document.ts'
import type { PlacedOrder } from '../order-document.ts'

const selectOrder = sql<PlacedOrder>(import.meta.url, 'select-order.sql')

export const getOrder = route(GetOrder, async ({ params: { id }, caller }, { db }) => {
  const [order] = await db.query(selectOrder, [id, caller.id])
  return order === undefined ? orderNotFound(id) : orderDocument(order)
})
