import type { AnyMessageType } from '@kit/message/message'
import type { Consumer } from '../consumer.ts'
import type { Enqueue } from '../send.ts'

/** A group that reads in this process, as those see it who have messages for it. */
export type Neighbour = {
  readonly group: string
  readonly reads: (topic: string) => boolean
  readonly typeOf: (type: string) => AnyMessageType | undefined
  readonly consumerOf: (type: string) => Consumer | undefined
  readonly enqueue: Enqueue
  /** Whether it would handle a message of this key next, were it written to the log: nothing of the key is kept back or unread. */
  readonly takes: (topic: string, partition: number, key: string) => boolean
}

/** Messages that this process has written to the log and has not read itself yet, by group, topic and key: others wait behind them. */
export class UnderWay {
  readonly #counts = new Map<string, Map<string, number>>()

  sent(group: string, topic: string, key: string): void {
    const counts = this.#counts.get(group) ?? new Map<string, number>()
    this.#counts.set(group, counts)
    const place = `${topic}/${key}`
    counts.set(place, (counts.get(place) ?? 0) + 1)
  }

  read(group: string, topic: string, key: string): void {
    const counts = this.#counts.get(group)
    const place = `${topic}/${key}`
    const left = (counts?.get(place) ?? 0) - 1
    if (left > 0) counts?.set(place, left)
    else counts?.delete(place)
  }

  has(group: string, topic: string, key: string): boolean {
    return this.#counts.get(group)?.has(`${topic}/${key}`) === true
  }

  /** The group reads anew, from a place where nothing is known of what lies ahead. */
  forget(group: string): void {
    this.#counts.delete(group)
  }
}

/** Whether the group has had a message in the transaction that wrote it. */
export const hasHad = (had: string | undefined, group: string): boolean =>
  had !== undefined && had.split(',').includes(group)
