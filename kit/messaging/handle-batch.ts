import type { Delivery } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import type { Consumer } from './consumer.ts'
import type { Cause, Send } from './outgoing.ts'
import { blameOf, fateOf, refuseToBlame } from './failure.ts'
import { BEHIND, type Fate } from './sort-out.ts'
import { stagesOf, type Received } from './stages.ts'

/** What handling needs to know of the group. */
export type Handling = {
  readonly consumerOf: (type: string) => Consumer | undefined
  readonly send: Send
  readonly platform: Platform
}

/** Runs all consumers over the batch inside `tx`. Any error ends it: the caller rolls back. */
export const handleBatch = async (batch: readonly Received[], tx: Tx, handling: Handling): Promise<void> => {
  for (const { consumer, messages } of stagesOf(batch, handling.consumerOf)) {
    await handleTogether(consumer, messages, tx, handling)
  }
}

/**
 * Like `handleBatch`, for a batch that has failed: under savepoints, a failing stage is halved until its poison stands
 * alone. Later messages of a poisoned key are left out. Returns what was not handled, and why. Throws when no message is to
 * blame.
 */
export const handleAround = async (
  batch: readonly Received[],
  tx: Tx,
  handling: Handling,
): Promise<ReadonlyMap<Delivery, Fate>> => {
  const fates = new Map<Delivery, Fate>()
  const failed = new Map<string, unknown>()
  const stopped = new Set<string>()
  let handled = 0

  const attempt = async (consumer: Consumer, messages: readonly Received[]): Promise<void> => {
    const open = messages.filter((received) => {
      if (!stopped.has(keyOf(received))) return true
      fates.set(received.delivery, BEHIND)
      return false
    })
    if (open.length === 0) return
    try {
      await tx.savepoint(() => handleTogether(consumer, open, tx, handling))
      handled += open.length
    } catch (error) {
      const blame = blameOf(error)
      if (blame === 'passing' || blame === 'systematic') throw error
      const [only] = open
      if (open.length === 1 && only !== undefined) {
        fates.set(only.delivery, fateOf(error))
        stopped.add(keyOf(only))
        if (blame === 'ours') failed.set(keyOf(only), error)
        return
      }
      const half = Math.ceil(open.length / 2)
      await attempt(consumer, open.slice(0, half))
      await attempt(consumer, open.slice(half))
    }
  }

  for (const { consumer, messages } of stagesOf(batch, handling.consumerOf)) await attempt(consumer, messages)
  refuseToBlame(failed, handled)
  return fates
}

const handleTogether = async (
  consumer: Consumer,
  received: readonly Received[],
  tx: Tx,
  { send, platform }: Handling,
): Promise<void> => {
  const outgoing = await consumer.handle(
    received.map(({ message }) => message),
    tx,
    platform,
  )
  if (outgoing.length === 0) return
  const causes = new Map<string, Cause>()
  for (const { message, delivery } of received) causes.set(message.key, delivery.envelope)
  send(tx, outgoing, (key) => causes.get(key))
}

const keyOf = ({ delivery, message }: Received): string => `${delivery.topic}/${message.key}`
