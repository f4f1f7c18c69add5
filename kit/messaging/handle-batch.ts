import type { Platform } from '@kit/platform/platform'
import { isPassing, type Tx } from '@kit/postgres/queryable'
import type { Consumer } from './consumer.ts'
import type { Cause, Send } from './outgoing.ts'
import { stagesOf, type Received } from './stages.ts'

/** What handling needs to know of the group. */
export type Handling = {
  readonly consumerOf: (type: string) => Consumer | undefined
  readonly send: Send
  readonly platform: Platform
}

/** A message that stays unhandled, and why. */
export type Poison<R = Received> = { readonly received: R; readonly reason: string }

/** Runs all consumers over the batch inside `tx`. Any error ends it: the caller rolls back. */
export const handleBatch = async (batch: readonly Received[], tx: Tx, handling: Handling): Promise<void> => {
  for (const { consumer, messages } of stagesOf(batch, handling.consumerOf)) {
    await handleTogether(consumer, messages, tx, handling)
  }
}

/**
 * Like `handleBatch`, for a batch that has failed: under savepoints, a failing stage is halved until its poison stands
 * alone. Later messages of a poisoned key are left out. Returns the poison and what it holds back, in order.
 */
export const handleAround = async (
  batch: readonly Received[],
  tx: Tx,
  handling: Handling,
): Promise<{ poison: readonly Poison[]; behind: readonly Received[] }> => {
  const poison: Poison[] = []
  const behind: Received[] = []
  const stopped = new Set<string>()

  const attempt = async (consumer: Consumer, messages: readonly Received[]): Promise<void> => {
    const open = messages.filter((received) => {
      if (!stopped.has(keyOf(received))) return true
      behind.push(received)
      return false
    })
    if (open.length === 0) return
    try {
      await tx.savepoint(() => handleTogether(consumer, open, tx, handling))
    } catch (error) {
      if (isPassing(error)) throw error
      const [only] = open
      if (open.length === 1 && only !== undefined) {
        poison.push({ received: only, reason: reasonOf(error) })
        stopped.add(keyOf(only))
        return
      }
      const half = Math.ceil(open.length / 2)
      await attempt(consumer, open.slice(0, half))
      await attempt(consumer, open.slice(half))
    }
  }

  for (const { consumer, messages } of stagesOf(batch, handling.consumerOf)) await attempt(consumer, messages)
  return { poison, behind }
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
  for (const { message, envelope } of received) causes.set(message.key, envelope)
  await send(tx, outgoing, (key) => causes.get(key))
}

export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

const keyOf = ({ topic, message }: Received): string => `${topic}/${message.key}`
