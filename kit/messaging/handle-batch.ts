import type { Delivery } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import type { Logger } from '@kit/telemetry/telemetry'
import { commonTrace, withTrace } from '@kit/telemetry/trace-context'
import type { Consumer } from './consumer.ts'
import type { Cause, Send } from './outgoing.ts'
import { blameOf, dispositionOf } from './failure.ts'
import { BEHIND, type Disposition } from './sort-out.ts'
import { Tally } from './tally.ts'
import { stagesOf, type Received } from './stages.ts'
import { traceOf } from './trace.ts'

/** What handling needs to know of the group. */
export type Handling = {
  readonly consumerOf: (type: string) => Consumer | undefined
  readonly send: Send
  readonly platform: Platform
  /** The group's: told at `debug` of every message that was handled, once that is committed. */
  readonly log: Logger
}

/** How long one batch looks for what it can have while rows are locked, in ms. */
const LOCKED_FOR = 2_500

/** Runs all consumers over the batch inside `tx`. Any error ends it: the caller rolls back. */
export const handleBatch = async (batch: readonly Received[], tx: Tx, handling: Handling): Promise<void> => {
  for (const { consumer, messages } of stagesOf(batch, handling.consumerOf)) {
    await handleTogether(consumer, messages, tx, handling)
  }
}

/**
 * Like `handleBatch`, for a batch that has failed: under savepoints, a failing stage is halved until its poison stands
 * alone, and fails twice. Later messages of a poisoned key are left out. Returns what was not handled, and why. Throws when
 * no message is to blame; in a replay each has been blamed before.
 */
export const handleAround = async (
  batch: readonly Received[],
  tx: Tx,
  handling: Handling,
  { isReplay = false, stoodStill = false } = {},
): Promise<ReadonlyMap<Delivery, Disposition>> => {
  const dispositions = new Map<Delivery, Disposition>()
  const stopped = new Set<string>()
  const tally = new Tally(stoodStill)
  const suspects = new Set<string>()
  const until = performance.now() + LOCKED_FOR

  const attempt = async (consumer: Consumer, messages: readonly Received[]): Promise<void> => {
    const open = messages.filter((received) => {
      if (!stopped.has(keyOf(received))) return true
      dispositions.set(received.delivery, BEHIND)
      return false
    })
    if (open.length === 0) return
    try {
      await tx.savepoint(() => handleTogether(consumer, open, tx, handling))
      tally.handled(consumer)
    } catch (error) {
      const blame = blameOf(error)
      if (blame === 'passing' || blame === 'systematic') throw error
      // Whoever is locked out waits at each try: when that has taken too long, the others are set aside untried.
      if (open.length === 1 || (blame === 'locked' && performance.now() > until)) {
        for (const one of open) {
          dispositions.set(one.delivery, stopped.has(keyOf(one)) ? BEHIND : dispositionOf(error))
          stopped.add(keyOf(one))
          if (blame === 'ours') tally.failed(consumer, keyOf(one), error)
          if (blame === 'ours') suspects.add(keyOf(one))
        }
        return
      }
      const half = Math.ceil(open.length / 2)
      await attempt(consumer, open.slice(0, half))
      await attempt(consumer, open.slice(half))
    }
  }

  const attemptAll = async (received: readonly Received[]): Promise<void> => {
    for (const { consumer, messages } of stagesOf(received, handling.consumerOf)) await attempt(consumer, messages)
  }

  await attemptAll(batch)
  if (!isReplay) tally.refuseToBlame()
  // What failed for everybody and is mended by now has let the first ones fail and the others not: no message is to blame.
  const left = batch.filter((one) => suspects.has(keyOf(one)) && dispositions.delete(one.delivery))
  for (const one of left) stopped.delete(keyOf(one))
  await attemptAll(left)
  return dispositions
}

const handleTogether = async (
  consumer: Consumer,
  received: readonly Received[],
  tx: Tx,
  { send, platform, log }: Handling,
): Promise<void> => {
  const messages = received.map(({ message }) => message)
  const outgoing = await withTrace(
    () => commonTrace(received.map(({ message, delivery }) => traceOf(message.key, delivery.envelope))),
    () => consumer.handle(messages, tx, platform),
  )
  if (log.isDebug === true) tx.afterCommit(() => tellOf(received, log))
  if (outgoing.length === 0) return
  const causes = new Map<string, Cause>()
  for (const { message, delivery } of received) causes.set(message.key, delivery.envelope)
  send(tx, outgoing, (key) => causes.get(key))
}

const tellOf = (received: readonly Received[], log: Logger): void => {
  for (const { message, delivery } of received) {
    const { type } = delivery.envelope
    log.debug({ type, ...traceOf(message.key, delivery.envelope) }, 'handled a message')
  }
}

const keyOf = ({ delivery, message }: Received): string => `${delivery.topic}/${message.key}`
