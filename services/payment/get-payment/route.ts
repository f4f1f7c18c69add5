import { GetPayment } from '@argosy/contracts/http/payment'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import { paymentDocument } from '../payment-document.ts'
import type { ShownRow } from '../payment-document.ts'

const selectPayment = sql<ShownRow>(import.meta.url, 'select-payment.sql')

/** The same answer for a payment that does not exist and for one of somebody else: nobody learns which ids are taken. */
export const getPayment = route(GetPayment, async ({ params: { id }, caller }, { db }) => {
  const [payment] = await db.query(selectPayment, [id, caller.id])
  if (payment === undefined) return refuse('payment-not-found', { detail: `You have no payment ${id}.` })
  return paymentDocument(payment)
})
