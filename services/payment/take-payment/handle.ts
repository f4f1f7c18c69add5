import {
  AuthorizePayment,
  CapturePayment,
  PayPending,
  RefundPayment,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import { onMixedBatch } from '@kit/messaging/consumer'
import { decide } from '../domain/decide.ts'
import type { Command } from '../domain/payment.ts'
import { keepPay } from '../pay-job.ts'
import { decideAll } from '../decide-all.ts'

/**
 * Takes payments: authorizes, captures, voids and refunds them, as domain/decide.ts says. Here only the intent to call the
 * provider is written, as a job of the same transaction; call-provider/ does it and tells what came of it.
 *
 * One consumer for them all, so that a batch of any mix is three statements at most.
 */
export const takePayment = onMixedBatch(
  [AuthorizePayment, CapturePayment, VoidPayment, RefundPayment, PayPending],
  (commands: readonly Command[], tx, platform) =>
    decideAll(
      tx,
      platform.clock.now(),
      commands,
      ({ data }) => data.purchase_id,
      decide,
      // Only PayPending can come too early: it is sent by another service than AuthorizePayment.
      ({ data }, payment) => keepPay(data, payment),
    ),
)
