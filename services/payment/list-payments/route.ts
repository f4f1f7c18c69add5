import { Uuid } from '@argosy/contracts/fields'
import { ListPayments } from '@argosy/contracts/http/payment'
import { cursor } from '@kit/http/cursor'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { isRefusal } from '@kit/problem/refusal'
import { paymentDocument } from '../payment-document.ts'
import type { ShownRow } from '../payment-document.ts'

const selectPayments = sql<ShownRow>(import.meta.url, 'select-payments.sql', { replanned: true })

const place = cursor(Uuid)

export const listPayments = route(ListPayments, async ({ query, caller }, { db }) => {
  const filter = { customer_id: caller.id }
  const before = place.read(query.cursor, filter)
  if (isRefusal(before)) return before
  const payments = await db.query(selectPayments, [caller.id, before, query.limit + 1])
  return place.page(payments.map(paymentDocument), query.limit, ({ id }) => id, filter)
})
