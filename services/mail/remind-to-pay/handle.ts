import { PaymentReminded } from '@argosy/contracts/messages/order'
import { onBatch } from '@kit/messaging/consumer'
import { addressLetters } from '../address-letters.ts'

/** An order that is still to be paid: its customer gets the reminder, each once. */
export const remindToPay = onBatch(PaymentReminded, (reminders, tx) =>
  addressLetters(
    reminders.map(({ customer_id, ...reminder }) => ({
      customer_id,
      letter: { template: 'payment-reminder', ...reminder } as const,
    })),
    tx,
  ),
)
