import { PaymentPending } from '@argosy/contracts/messages/payment'
import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import type { Consumer } from '@kit/messaging/consumer'
import type { Outgoing } from '@kit/messaging/outgoing'
import type { Changes } from '@kit/saga/running/changes'
import { sagaConsumer } from '@kit/saga/running/consumer'
import type { SagaMemory } from '@kit/saga/running/memory'
import { purchaseSaga } from '../purchase-saga.ts'
import type { PurchaseOutcome } from './count-ends.ts'

export type Advancing = {
  readonly changes: Changes
  readonly memory: SagaMemory
  /** Told, after the commit, how many have ended or come to rest. */
  readonly tellEnded: (purchases: number) => void
  /** Told, after the commit, how those have ended. */
  readonly countEnds: (outcomes: readonly PurchaseOutcome[]) => void
}

/** Every reply of the other services moves its purchase on, by the table in purchase-saga.ts. */
export const advancePurchase = ({ changes, memory, tellEnded, countEnds }: Advancing): Consumer => {
  const { types, handle } = sagaConsumer(purchaseSaga, changes, memory)
  return {
    types,
    handle: async (replies, tx, platform) => {
      const told = await handle(replies, tx, platform)
      const ends = told.flatMap(outcomeIn)
      const resting = replies.filter(({ type }) => type === PaymentPending.type).length
      if (ends.length > 0) tx.afterCommit(() => countEnds(ends))
      if (ends.length + resting > 0) tx.afterCommit(() => tellEnded(ends.length + resting))
      return told
    },
  }
}

/** What a purchase says when it has ended. */
const outcomeIn = (told: Outgoing): readonly PurchaseOutcome[] => {
  if (told.type === PurchaseCompleted.type) return ['completed']
  if (told.type !== PurchaseFailed.type) return []
  return [PurchaseFailed.parse(told.data).data.outcome]
}
