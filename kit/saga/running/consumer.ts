import type { Consumer } from '@kit/messaging/consumer'
import { isFinishable, keptBack } from '../definition.ts'
import type { Saga } from '../saga.ts'
import type { Changes } from './changes.ts'
import type { SagaMemory } from './memory.ts'
import { UnitOfWork } from './unit-of-work.ts'

/**
 * Moves the sagas that a batch of replies belongs to: one statement reads those that are not in memory, and several replies of
 * one saga are applied in their order, those of earlier calls in the same transaction first. One statement before the commit
 * writes all that this transaction has moved. A reply is for the saga whose id is its key; one for none is passed over, and
 * one for a saga that only another release can finish is kept back.
 */
export const sagaConsumer = (saga: Saga, changes: Changes, memory: SagaMemory): Consumer => ({
  types: saga.replies,
  handle: async (replies, tx, { clock }) => {
    const unit = UnitOfWork.of(tx, saga, memory)
    const sagas = await unit.load(new Set(replies.map(({ key }) => key)))
    for (const one of sagas) if (!isFinishable(saga, one)) throw keptBack(saga, one)
    const now = clock.now()
    const send = replies.flatMap((reply) => unit.move(reply.key, reply, now))
    unit.save()
    changes.signalAfter(
      tx,
      sagas.map(({ id }) => id),
    )
    return send
  },
})
