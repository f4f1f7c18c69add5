import { PaymentPending } from '@argosy/contracts/messages/payment'
import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import type { Consumer } from '@kit/messaging/consumer'
import type { Changes } from '@kit/saga/running/changes'
import { sagaConsumer } from '@kit/saga/running/consumer'
import type { SagaMemory } from '@kit/saga/running/memory'
import { purchaseSaga } from '../purchase-saga.ts'

/** What a purchase says when it has ended. */
const ENDS: ReadonlySet<string> = new Set([PurchaseCompleted.type, PurchaseFailed.type])

/**
 * Every reply of the other services moves its purchase on, by the table in purchase-saga.ts. `tellEnded` hears how many have ended
 * or come to rest.
 */
export const advancePurchase = (
  changes: Changes,
  memory: SagaMemory,
  tellEnded: (purchases: number) => void,
): Consumer => {
  const { types, handle } = sagaConsumer(purchaseSaga, changes, memory)
  return {
    types,
    handle: async (replies, tx, platform) => {
      const told = await handle(replies, tx, platform)
      const ended = told.filter((one) => 'type' in one && ENDS.has(one.type)).length
      const resting = replies.filter(({ type }) => type === PaymentPending.type).length
      if (ended + resting > 0) tx.afterCommit(() => tellEnded(ended + resting))
      return told
    },
  }
}
