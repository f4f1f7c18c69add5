import type { AnyMessageType, DataOf, Message } from '@kit/message/message'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import type { Outgoing } from './outgoing.ts'

/**
 * Part of a service's reader group: handles a batch of messages inside the transaction that also moves the
 * reader's checkpoint. It returns what is to be told; only the shell publishes.
 */
export type Consumer = {
  readonly types: readonly AnyMessageType[]
  readonly handle: (batch: readonly Message[], tx: Tx, platform: Platform) => Promise<readonly Outgoing[]>
}

/**
 * Handles all waiting messages of one type at once, in log order.
 *
 * @example
 * export const reserveStock = onBatch(ReserveStock, async (commands, tx) => {
 *   const stock = await tx.query(lockStock, [commands.map((c) => c.product_id)])
 *   …
 *   return replies
 * })
 */
export const onBatch = <T extends AnyMessageType>(
  type: T,
  handle: (batch: readonly DataOf<T>[], tx: Tx, platform: Platform) => Promise<readonly Outgoing[]>,
): Consumer => ({
  types: [type],
  handle: (batch, tx, platform) =>
    handle(
      batch.map((message) => message.data as DataOf<T>),
      tx,
      platform,
    ),
})

/**
 * Handles all waiting messages of several types at once, in log order: for commands that change the same rows, so that a
 * batch locks and writes each row once whatever its mix.
 */
export const onMixedBatch = <T extends AnyMessageType>(
  types: readonly T[],
  handle: (batch: readonly ReturnType<T['parse']>[], tx: Tx, platform: Platform) => Promise<readonly Outgoing[]>,
): Consumer => ({
  types,
  handle: (batch, tx, platform) => handle(batch as readonly ReturnType<T['parse']>[], tx, platform),
})
