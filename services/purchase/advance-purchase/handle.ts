import type { Consumer } from '@kit/messaging/consumer'
import type { Changes } from '@kit/saga/changes'
import { sagaConsumer } from '@kit/saga/consumer'
import type { SagaMemory } from '@kit/saga/memory'
import { purchaseSaga } from '../purchase-saga.ts'

/** Every reply of the other services moves its purchase on, by the table in purchase-saga.ts. */
export const advancePurchase = (changes: Changes, memory: SagaMemory): Consumer =>
  sagaConsumer(purchaseSaga, changes, memory)
