import type { Delivery } from '@kit/log/log'
import type { AnyMessageType } from '@kit/message/message'
import { reasonOf } from './reason.ts'
import type { Received } from './stages.ts'
import { hasHad } from './together/neighbours.ts'

/**
 * What became of a delivery that was not handled. `kept-back`: an instance that knows it will handle it. `replay`: it is tried again
 * soon, for its rows are somebody else's now.
 */
export type Disposition = { readonly state: 'parked' | 'behind' | 'kept-back' | 'replay'; readonly reason: string }

export const BEHIND: Disposition = { state: 'behind', reason: 'waits for an earlier message of its key' }

/** What a group knows of itself. */
export type Knowing = {
  readonly group: string
  readonly typeOf: (type: string) => AnyMessageType | undefined
}

/** What can be handled, what has its disposition already, and what is none of the group's business. */
export type Sorted = {
  readonly open: readonly Received[]
  readonly dispositions: ReadonlyMap<Delivery, Disposition>
  readonly foreign: readonly Delivery[]
}

/**
 * Looks at deliveries in their order: what does not match its schema is parked, and what comes after a parked message of its
 * key waits behind it. `parked` are the keys that wait already, as `<topic>/<key>`. An event that nobody here declared is passed
 * over; a command to this group that it does not know is kept back: a newer instance may.
 */
export const sortOut = (
  deliveries: readonly Delivery[],
  parked: ReadonlySet<string>,
  { group, typeOf }: Knowing,
): Sorted => {
  const stopped = new Set(parked)
  const open: Received[] = []
  const dispositions = new Map<Delivery, Disposition>()
  const foreign: Delivery[] = []
  for (const delivery of deliveries) {
    const { topic, envelope } = delivery
    const type = typeOf(envelope.type)
    const key = `${topic}/${envelope.partitionkey}`
    if (hasHad(envelope.had, group)) continue
    const isForUs = envelope.audience === undefined || envelope.audience === group
    if (!isForUs || (type === undefined && topic !== `${group}.commands`)) foreign.push(delivery)
    else if (stopped.has(key)) dispositions.set(delivery, BEHIND)
    else if (type === undefined) {
      dispositions.set(delivery, { state: 'kept-back', reason: `no instance that has read it knows ${envelope.type}` })
      stopped.add(key)
    } else {
      try {
        open.push({ delivery, message: type.parse(delivery.envelope.data) })
      } catch (error) {
        dispositions.set(delivery, { state: 'parked', reason: reasonOf(error) })
        stopped.add(key)
      }
    }
  }
  return { open, dispositions, foreign }
}
