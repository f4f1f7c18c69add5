import { GetPurchase } from '@argosy/contracts/http/purchase'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { purchaseNotFound, view } from '../purchase-view.ts'
import type { PurchaseRow } from '../purchase-view.ts'

const selectPurchase = sql<PurchaseRow>(import.meta.url, 'select-purchase.sql')

export const getPurchase = route(GetPurchase, async ({ params, caller }, { db }) => {
  const [row] = await db.query(selectPurchase, [params.id, caller.id])
  return row === undefined ? purchaseNotFound(params.id) : view(row)
})
