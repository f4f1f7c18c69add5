import type { Delivery } from '@kit/log/log'
import type { Message } from '@kit/message/message'
import type { Consumer } from './consumer.ts'

/** A delivery that could be parsed. */
export type Received = { readonly delivery: Delivery; readonly message: Message }

/** Messages that one consumer handles in one call. */
export type Stage = { readonly consumer: Consumer; readonly messages: Received[] }

/**
 * Groups a batch into as few calls as possible while the messages of each key keep their order: a message joins the
 * first stage of its consumer that does not come before an earlier message of its key.
 */
export const stagesOf = (
  batch: readonly Received[],
  consumerOf: (type: string) => Consumer | undefined,
): readonly Stage[] => {
  const stages: Stage[] = []
  const lastStageOfKey = new Map<string, number>()
  for (const received of batch) {
    const consumer = consumerOf(received.message.type)
    if (consumer === undefined) continue
    const { key } = received.message
    let at = lastStageOfKey.get(key) ?? 0
    while (at < stages.length && stages[at]?.consumer !== consumer) at++
    if (at === stages.length) stages.push({ consumer, messages: [] })
    stages[at]?.messages.push(received)
    lastStageOfKey.set(key, at)
  }
  return stages
}
