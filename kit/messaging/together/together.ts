import type { Delivery, Partitioning } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import type { Database, Tx } from '@kit/postgres/queryable'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Packed } from '../outbox.ts'
import type { Send } from '../outgoing.ts'
import { reasonOf } from '../reason.ts'
import type { Enqueue } from '../send.ts'
import { Chain, type Handing } from './chain.ts'
import { hasHad, UnderWay, type Neighbour } from './neighbours.ts'

/** `sometimes`: each message as chance will have it, for tests. */
export type Mode = 'on' | 'off' | 'sometimes'

export type TogetherOptions = {
  readonly mode: Mode
  readonly platform: Platform
  readonly log: Pick<Partitioning, 'partitionOf'> & Pick<Handing, 'committed'>
  readonly telemetry: Telemetry
}

/**
 * Commits `work` in one transaction, with what it sends: to be called for each try with its own way of sending. It may be tried
 * again from the beginning.
 */
export type Commit = (work: (tx: Tx, send: Send) => Promise<void>) => Promise<void>

/** Where a transaction begins that neighbours go on with. */
export type Origin = {
  readonly group: string
  readonly db: Database
  readonly enqueue: Enqueue
  /** The long way: through the log. */
  readonly send: Send
}

/** Everything through the log. */
export const apart =
  ({ db, send }: Pick<Origin, 'db' | 'send'>): Commit =>
  (work) =>
    db.transaction((tx) => work(tx, send))

/** After a chain that failed everything takes the long way for so long, in ms: what fails is found there. */
const REST = 1_000

/**
 * What the services of one process and one database have for each other is handled in the transaction of its sender, as long as
 * nothing speaks against it. Whatever fails in such a chain is rolled back and done again through the log.
 */
export class Together {
  readonly #options: TogetherOptions
  readonly #neighbours = new Map<string, Neighbour>()
  readonly #underWay = new UnderWay()
  readonly #handing: Handing
  readonly #counted
  #restUntil = 0

  constructor(options: TogetherOptions) {
    const { platform, log, telemetry } = options
    this.#options = options
    this.#handing = {
      platform,
      partitionOf: log.partitionOf,
      committed: log.committed,
      neighbours: () => this.#neighbours.values(),
      takes: (neighbour, message) => this.#takes(neighbour, message),
      written: this.sent,
    }
    this.#counted = telemetry.metrics.counter(
      'argosy_together_total',
      'Messages that were handled in the transaction of their sender, and transactions that were done again the long way.',
      ['what'],
    )
  }

  join(neighbour: Neighbour): Disposable {
    this.#neighbours.set(neighbour.group, neighbour)
    return { [Symbol.dispose]: () => void this.#neighbours.delete(neighbour.group) }
  }

  /** Commits what is done for a group with whatever it leads to among the neighbours. */
  commitFor(origin: Origin): Commit {
    const { db, enqueue, group } = origin
    const theLongWay = apart(origin)
    return async (work) => {
      if (this.#options.mode === 'off' || performance.now() < this.#restUntil) return theLongWay(work)
      let handed = 0
      try {
        await db.transaction(async (tx) => {
          const chain = new Chain(tx, this.#handing)
          await work(tx, chain.sendOf(enqueue))
          await chain.run()
          handed = chain.handed
        })
      } catch (error) {
        this.#restUntil = performance.now() + REST
        this.#counted.add({ what: 'again' })
        this.#options.telemetry.log.debug({ group, error: reasonOf(error) }, 'done again through the log')
        return theLongWay(work)
      }
      if (handed > 0) this.#counted.add({ what: 'handed' }, handed)
    }
  }

  /** These messages of this process have been written to the log. */
  readonly sent = (messages: readonly Packed[]): void => {
    for (const { topic, envelope } of messages) {
      for (const { group, reads, typeOf } of this.#neighbours.values()) {
        if (!reads(topic) || hasHad(envelope.had, group) || typeOf(envelope.type) === undefined) continue
        this.#underWay.sent(group, topic, envelope.partitionkey)
      }
    }
  }

  /** The group has read and handled these. */
  read(group: string, deliveries: readonly Delivery[]): void {
    for (const { topic, envelope } of deliveries) this.#underWay.read(group, topic, envelope.partitionkey)
  }

  /** The group reads on from its checkpoints. */
  sought(group: string): void {
    this.#underWay.forget(group)
  }

  #takes({ group, takes }: Neighbour, { topic, partition, envelope }: Packed): boolean {
    const { mode, platform } = this.#options
    if (mode === 'sometimes' && platform.random() < 0.5) return false
    const key = envelope.partitionkey
    return !this.#underWay.has(group, topic, key) && takes(topic, partition, key)
  }
}
