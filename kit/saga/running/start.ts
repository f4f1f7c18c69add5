import type { Message } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'
import type { Saga } from '../saga.ts'
import type { SagaMemory } from './memory.ts'
import { UnitOfWork } from './unit-of-work.ts'

/**
 * Begins sagas in the caller's transaction, which writes them before its commit. Returns the first commands, to be sent in
 * the same transaction.
 */
export const start = <Data>(
  tx: Tx,
  saga: Saga<Data>,
  births: readonly { readonly id: string; readonly data: Data }[],
  now: Date,
  memory: SagaMemory,
): readonly Message[] => {
  const unit = UnitOfWork.of(tx, saga, memory)
  const send = unit.begin(births, now)
  unit.save()
  return send
}
