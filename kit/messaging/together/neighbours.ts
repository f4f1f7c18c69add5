import type { Delivery, Position } from '@kit/log/log'
import type { AnyMessageType } from '@kit/message/message'
import type { Logger } from '@kit/telemetry/telemetry'
import type { Consumer } from '../consumer.ts'
import type { Packed } from '../outbox.ts'
import type { Enqueue } from '../send.ts'

/** A group that reads in this process, as those see it who have messages for it. */
export type Neighbour = {
  readonly group: string
  readonly reads: (topic: string) => boolean
  readonly types: readonly string[]
  readonly typeOf: (type: string) => AnyMessageType | undefined
  readonly consumerOf: (type: string) => Consumer | undefined
  readonly enqueue: Enqueue
  readonly log: Logger
  /** Whether the partition is this process's to read. */
  readonly owns: (topic: string, partition: number) => boolean
  /**
   * How far it has read, when it would handle a message of this key next, were it written to the log; undefined when something of the
   * key is kept back or may be unread.
   */
  readonly takes: (topic: string, partition: number, key: string) => Position | undefined
}

/** Whether the message concerns the neighbour: events that it does not know are none of its business, commands are kept back. */
export const concerns = ({ group, reads, typeOf }: Neighbour, { kind, topic, envelope }: Packed): boolean =>
  reads(topic) &&
  (envelope.audience === undefined || envelope.audience === group) &&
  (kind === 'command' || typeOf(envelope.type) !== undefined)

/**
 * Messages that are on their way to a group of this process, as far as the process knows: by group, topic and key. Others of their
 * key wait behind them.
 */
export class UnderWay {
  readonly #ids = new Map<string, Map<string, Set<string>>>()

  add(group: string, { topic, envelope }: Pick<Delivery, 'topic' | 'envelope'>): void {
    const keys = this.#ids.get(group) ?? new Map<string, Set<string>>()
    this.#ids.set(group, keys)
    const place = `${topic}/${envelope.partitionkey}`
    const ids = keys.get(place) ?? new Set()
    keys.set(place, ids.add(envelope.id))
  }

  remove(group: string, { topic, envelope }: Delivery): void {
    const keys = this.#ids.get(group)
    const place = `${topic}/${envelope.partitionkey}`
    const ids = keys?.get(place)
    ids?.delete(envelope.id)
    if (ids?.size === 0) keys?.delete(place)
  }

  has(group: string, topic: string, key: string): boolean {
    return this.#ids.get(group)?.has(`${topic}/${key}`) === true
  }

  /** The group reads anew, from a place where nothing is known of what lies ahead. */
  forget(group: string): void {
    this.#ids.delete(group)
  }
}

/** Whether the group has had a message in the transaction that wrote it. */
export const hasHad = (had: string | undefined, group: string): boolean =>
  had !== undefined && had.split(',').includes(group)
