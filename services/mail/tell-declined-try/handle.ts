import { PaymentTryDeclined } from '@argosy/contracts/messages/payment'
import { onBatch } from '@kit/messaging/consumer'
import { addressLetters } from '../address-letters.ts'
import type { ForCustomer } from '../address-letters.ts'

/** A try to pay a waiting order was declined: the customer who was sent away before the answer learns of it. */
export const tellDeclinedTry = onBatch(PaymentTryDeclined, (tries, tx) =>
  addressLetters(
    tries.map(({ customer_id, ...declined }): ForCustomer => ({
      customer_id,
      letter: { template: 'payment-declined', ...declined },
    })),
    tx,
  ),
)
