import { RefundIssued } from '@argosy/contracts/messages/payment'
import { onBatch } from '@kit/messaging/consumer'
import { addressLetters } from '../address-letters.ts'

/** Money is on its way back: its customer is told, once for each refund. */
export const tellRefund = onBatch(RefundIssued, (refunds, tx) =>
  addressLetters(
    refunds.map(({ customer_id, ...refund }) => ({ customer_id, letter: { template: 'refund', ...refund } as const })),
    tx,
  ),
)
