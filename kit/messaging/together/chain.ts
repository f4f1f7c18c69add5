import type { Partitioning } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import { sql } from '@kit/postgres/statement'
import type { Tx } from '@kit/postgres/queryable'
import { handleBatch } from '../handle-batch.ts'
import { enclose, pack, type Packed } from '../outbox.ts'
import type { JobRequest, Send } from '../outgoing.ts'
import type { Enqueue } from '../send.ts'
import type { Received } from '../stages.ts'
import type { Neighbour } from './neighbours.ts'

const insertUnlessHad = sql<{ topic: string }>(import.meta.url, 'insert-unless-had.sql')
const noteUnwritten = sql(import.meta.url, 'note-unwritten.sql')

/** So many times messages are handed on in one transaction; what is left then travels. */
const ROUNDS = 32

export type Handing = {
  readonly platform: Platform
  readonly partitionOf: Partitioning['partitionOf']
  readonly neighbours: () => Iterable<Neighbour>
  /** Whether this neighbour handles the message now. */
  readonly takes: (neighbour: Neighbour, message: Packed) => boolean
  readonly committed: (topics: ReadonlySet<string>) => void
  /** These have been written to the log. */
  readonly written: (messages: readonly Packed[]) => void
}

/** What one transaction leads to among neighbours: their messages are handled in it, and what is for others is written at its end. */
export class Chain {
  readonly #tx: Tx
  readonly #handing: Handing
  #waiting: Packed[] = []
  readonly #left: Packed[] = []
  /** Messages that were handled without having been written. */
  handed = 0

  constructor(tx: Tx, handing: Handing) {
    this.#tx = tx
    this.#handing = handing
  }

  /** How a service sends whose handler is a part of the chain. */
  sendOf(enqueue: Enqueue): Send {
    return (tx, outgoing, causeOf, audience) => {
      const { platform, partitionOf } = this.#handing
      const jobs: JobRequest[] = []
      for (const one of outgoing) {
        if (one.kind === 'job') jobs.push(one)
        else this.#waiting.push(enclose(one, { platform, partitionOf, causeOf, audience }))
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
    const { topic, partition, envelope } = message
    const had: string[] = []
    if (envelope.audience !== undefined) return had
    for (const neighbour of this.#handing.neighbours()) {
      if (!neighbour.reads(topic) || !this.#handing.takes(neighbour, message)) continue
      const type = neighbour.typeOf(envelope.type)
      // What it does not know of events is not for it; a command is kept for an instance that knows it.
      if (type === undefined && message.kind === 'command') continue
      had.push(neighbour.group)
      if (type === undefined) continue
      const received = batches.get(neighbour) ?? []
      batches.set(neighbour, received)
      received.push({ delivery: { topic, partition, envelope }, message: type.parse(envelope.data) })
    }
    return had
  }

  async #handle(neighbour: Neighbour, received: readonly Received[]): Promise<void> {
    const { consumerOf, enqueue, group } = neighbour
    const { platform } = this.#handing
    this.handed += received.length
    await handleBatch(received, this.#tx.as(group), { consumerOf, platform, send: this.sendOf(enqueue) })
  }

  #write(): void {
    if (this.#left.length === 0) return
    const rows = pack(this.#left)
    // Whoever begins to read later shall know that not all was written.
    if (rows.hads.some((had) => had !== null)) void this.#tx.query(noteUnwritten)
    const { topics, partitions, messages, sizes, hads } = rows
    const written = this.#tx.query(insertUnlessHad, [topics, partitions, messages, sizes, hads])
    this.#tx.afterCommit(() => {
      const { platform, committed } = this.#handing
      platform.failpoint('outbox.before-wake')
      this.#handing.written(this.#left)
      void written.then((inserted) => {
        if (inserted.length > 0) committed(new Set(inserted.map(({ topic }) => topic)))
      })
    })
  }
}

const withHad = (message: Packed, had: readonly string[]): Packed =>
  had.length === 0 ? message : { ...message, envelope: { ...message.envelope, had: had.join() } }
