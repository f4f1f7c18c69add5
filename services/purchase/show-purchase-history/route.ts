import { ShowPurchaseHistory } from '@argosy/contracts/http/purchase'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { readHistory } from '@kit/saga/state'
import { lineView, purchaseNotFound } from '../purchase-view.ts'

const selectHistory = sql<{ history: string }>(import.meta.url, 'select-history.sql')

export const showPurchaseHistory = route(ShowPurchaseHistory, async ({ params, caller }, { db }) => {
  const [row] = await db.query(selectHistory, [params.id, caller.id])
  if (row === undefined) return purchaseNotFound(params.id)
  return { purchase_id: params.id, history: readHistory(row.history).map(lineView) }
})
