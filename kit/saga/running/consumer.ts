import type { Message } from '@kit/message/message'
import type { Consumer } from '@kit/messaging/consumer'
import { isFinishable, keptBack } from '../definition.ts'
import type { Saga } from '../saga.ts'
import type { Changes } from './changes.ts'
import type { SagaMemory } from './memory.ts'
import { apply, load, save } from './store.ts'

/**
 * Moves the sagas that a batch of replies belongs to: one statement reads those that are not in memory, one writes them, and
 * several replies of one saga are applied in their order in between. A reply is for the saga whose id is its key; one for
 * none is passed over, and one for a saga that only another release can finish is kept back.
 */
export const sagaConsumer = (saga: Saga, changes: Changes, memory: SagaMemory): Consumer => ({
  types: saga.replies,
  handle: async (replies, tx, { clock }) => {
    const sagas = await load(tx, saga, new Set(replies.map(({ key }) => key)), memory)
    for (const one of sagas.values()) if (!isFinishable(saga, one)) throw keptBack(saga, one)
    const now = clock.now()
    const send: Message[] = []
    for (const reply of replies) {
      const one = sagas.get(reply.key)
      if (one !== undefined) send.push(...apply(saga, one, reply, now))
    }
    save(tx, sagas.values(), memory)
    tx.afterCommit(() => changes.signal(sagas.keys()))
    return send
  },
})
