import type { AnyMessageType } from '@kit/message/message'
import { reasonOf } from './reason.ts'
import type { Delivery, Received } from './stages.ts'

/** What became of a delivery that was not handled. */
export type Fate = { readonly state: 'parked' | 'behind'; readonly reason: string }

export const BEHIND: Fate = { state: 'behind', reason: 'waits for an earlier message of its key' }

/** Letters that can be handled, those whose fate is clear already, and those that are none of the group's business. */
export type Sorted = {
  readonly open: readonly Received[]
  readonly fates: ReadonlyMap<Delivery, Fate>
  readonly foreign: readonly Delivery[]
}

/**
 * Looks at deliveries in their order: what does not match its schema is parked, and what comes after a parked message of its
 * key waits behind it. `parked` are the keys that wait already, as `<topic>/<key>`.
 */
export const sortOut = (
  deliveries: readonly Delivery[],
  parked: ReadonlySet<string>,
  typeOf: (type: string) => AnyMessageType | undefined,
): Sorted => {
  const stopped = new Set(parked)
  const open: Received[] = []
  const fates = new Map<Delivery, Fate>()
  const foreign: Delivery[] = []
  for (const delivery of deliveries) {
    const type = typeOf(delivery.envelope.type)
    const key = `${delivery.topic}/${delivery.envelope.partitionkey}`
    if (type === undefined) foreign.push(delivery)
    else if (stopped.has(key)) fates.set(delivery, BEHIND)
    else {
      try {
        open.push({ delivery, message: type.parse(delivery.envelope.data) })
      } catch (error) {
        fates.set(delivery, { state: 'parked', reason: reasonOf(error) })
        stopped.add(key)
      }
    }
  }
  return { open, fates, foreign }
}
