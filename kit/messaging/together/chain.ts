import { placeOf, type Handed, type Log, type Position } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import { sql } from '@kit/postgres/statement'
import type { Tx } from '@kit/postgres/queryable'
import { handleBatch } from '../handle-batch.ts'
import { enclose, pack, type Packed } from '../outbox.ts'
import type { JobRequest, Send } from '../outgoing.ts'
import type { Enqueue } from '../send.ts'
import type { Received } from '../stages.ts'
import { concerns, type Neighbour } from './neighbours.ts'

const insertUnlessHad = sql<{ topic: string }>(import.meta.url, 'insert-unless-had.sql')
const noteUnwritten = sql(import.meta.url, 'note-unwritten.sql')

/** So many times messages are handed on in one transaction; what is left then travels. */
const ROUNDS = 32

export type Handing = {
  readonly platform: Platform
  readonly log: Pick<Log, 'partitionOf' | 'committed' | 'keepOrder'>
  readonly neighbours: () => Iterable<Neighbour>
  /** How far this neighbour has read when it handles the message now; undefined when it shall read it. */
  readonly takes: (neighbour: Neighbour, message: Packed) => Position | undefined
  /** These have been written to the log. */
  readonly written: (messages: readonly Packed[]) => void
}

/** What one transaction leads to among neighbours: their messages are handled in it, and what is for others is written at its end. */
export class Chain {
  readonly #tx: Tx
  readonly #handing: Handing
  #waiting: Packed[] = []
  readonly #left: Packed[] = []
  /** Keys of groups that have something left to read: what comes later waits behind it. */
  readonly #behind = new Set<string>()
  /** What is handed on, by group, place and position. */
  readonly #taken = new Map<string, Handed & { readonly keys: Set<string> }>()
  /** Messages that were handled without having been written. */
  handed = 0

  constructor(tx: Tx, handing: Handing) {
    this.#tx = tx
    this.#handing = handing
  }

  /** How a service sends whose handler is a part of the chain. */
  sendOf(enqueue: Enqueue): Send {
    return (tx, outgoing, causeOf, audience) => {
      const { platform, log } = this.#handing
      const jobs: JobRequest[] = []
      for (const one of outgoing) {
        if (one.kind === 'job') jobs.push(one)
        else this.#waiting.push(enclose(one, { platform, partitionOf: log.partitionOf, causeOf, audience }))
      }
      if (jobs.length > 0) enqueue(tx, jobs, causeOf)
    }
  }

  /** Handles whatever neighbours can handle, and what that leads to; then writes the rest. Any error ends it: the caller rolls back. */
  async run(): Promise<void> {
    for (let round = 0; this.#waiting.length > 0; round++) {
      const messages = this.#waiting
      this.#waiting = []
      const batches = new Map<Neighbour, Received[]>()
      for (const message of messages) {
        const had = round < ROUNDS ? this.#hand(message, batches) : []
        // A command is for one group alone.
        if (message.kind === 'event' || had.length === 0) this.#left.push(withHad(message, had))
      }
      for (const [neighbour, received] of batches) await this.#handle(neighbour, received)
    }
    this.#write()
  }

  /** The groups that have had the message when this round is over. */
  #hand(message: Packed, batches: Map<Neighbour, Received[]>): readonly string[] {
    const { kind, topic, partition, envelope } = message
    const had: string[] = []
    for (const neighbour of this.#handing.neighbours()) {
      if (!neighbour.reads(topic)) continue
      const type = neighbour.typeOf(envelope.type)
      // What it does not know of events is not for it; a command is kept for an instance that knows it.
      const mayHave = envelope.audience === undefined && (type !== undefined || kind === 'event')
      if (mayHave && this.#takes(neighbour, message)) {
        had.push(neighbour.group)
        if (type === undefined) continue
        const received = batches.get(neighbour) ?? []
        batches.set(neighbour, received)
        received.push({ delivery: { topic, partition, envelope }, message: type.parse(envelope.data) })
      } else if (concerns(neighbour, message)) this.#behind.add(keyOf(neighbour, message))
    }
    return had
  }

  #takes(neighbour: Neighbour, message: Packed): boolean {
    const position = this.#handing.takes(neighbour, message)
    if (position === undefined || this.#behind.has(keyOf(neighbour, message))) return false
    const { group, types } = neighbour
    const { topic, partition, envelope } = message
    const where = `${group} ${placeOf(message)} ${position}`
    // Of its commands a group reads all.
    const of = topic === `${group}.commands` ? {} : { types }
    const taken = this.#taken.get(where) ?? { group, topic, partition, position, keys: new Set(), ...of }
    this.#taken.set(where, taken)
    taken.keys.add(envelope.partitionkey)
    return true
  }

  async #handle(neighbour: Neighbour, received: readonly Received[]): Promise<void> {
    const { consumerOf, enqueue, group, log } = neighbour
    const { platform } = this.#handing
    this.handed += received.length
    await handleBatch(received, this.#tx.as(group), { consumerOf, platform, log, send: this.sendOf(enqueue) })
  }

  #write(): void {
    const { platform, log, written } = this.#handing
    // At the end, so that it sees whatever this transaction has waited for.
    if (this.#taken.size > 0) log.keepOrder?.(this.#tx, [...this.#taken.values()])
    if (this.#left.length === 0) return
    const { topics, partitions, messages, sizes, hads } = pack(this.#left)
    // Whoever begins to read later shall know that not all was written.
    if (hads.some((had) => had !== null)) void this.#tx.query(noteUnwritten, [topics, hads])
    const inserted = this.#tx.query(insertUnlessHad, [topics, partitions, messages, sizes, hads])
    this.#tx.afterCommit(() => {
      platform.failpoint('outbox.before-wake')
      written(this.#left)
      void inserted.then((rows) => {
        if (rows.length > 0) log.committed(new Set(rows.map(({ topic }) => topic)))
      })
    })
  }
}

const keyOf = ({ group }: Neighbour, { topic, envelope }: Packed): string =>
  `${group} ${topic}/${envelope.partitionkey}`

const withHad = (message: Packed, had: readonly string[]): Packed =>
  had.length === 0 ? message : { ...message, envelope: { ...message.envelope, had: had.join() } }
