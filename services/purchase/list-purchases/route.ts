import { ListPurchases } from '@argosy/contracts/http/purchase'
import { Uuid } from '@argosy/contracts/fields'
import { cursor } from '@kit/http/cursor'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { isRefusal } from '@kit/problem/refusal'
import { view } from '../purchase-view.ts'
import type { PurchaseRow } from '../purchase-view.ts'

const selectPurchases = sql<PurchaseRow>(import.meta.url, 'select-purchases.sql', { replanned: true })

const place = cursor(Uuid)

export const listPurchases = route(ListPurchases, async ({ query, caller }, { db }) => {
  const before = place.read(query.cursor)
  if (isRefusal(before)) return before
  const rows = await db.query(selectPurchases, [caller.id, before, query.limit + 1])
  return place.page(rows.map(view), query.limit, ({ purchase_id }) => purchase_id)
})
