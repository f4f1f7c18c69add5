import type { Delivery, Position } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import type { Database, Tx } from '@kit/postgres/queryable'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Packed } from '../outbox.ts'
import type { Send } from '../outgoing.ts'
import { reasonOf } from '../reason.ts'
import type { Enqueue } from '../send.ts'
import { Chain, type Handing } from './chain.ts'
import { concerns, hasHad, UnderWay, type Neighbour } from './neighbours.ts'

/** `sometimes`: each message as chance will have it, for tests. */
export type Mode = 'on' | 'off' | 'sometimes'

export type TogetherOptions = {
  readonly mode: Mode
  readonly platform: Platform
  readonly log: Handing['log']
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
    db.transaction((tx) => work(tx, send), { goesRound: true })

/** After a chain that failed everything takes the long way for so long, in ms: what fails is found there. */
const REST = 1_000
/** Twice as long each time, up to so long, when chains have failed within the last minute. */
const LONGEST_REST = 30_000
const LATELY = 60_000

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
  readonly #running = new Set<Promise<unknown>>()
  #rest = REST
  #restUntil = 0

  constructor(options: TogetherOptions) {
    const { platform, log, telemetry } = options
    this.#options = options
    this.#handing = {
      platform,
      log,
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

  /** Once what it returns is disposed of, nothing is under way for the neighbour any more. */
  join(neighbour: Neighbour): AsyncDisposable {
    this.#neighbours.set(neighbour.group, neighbour)
    return {
      [Symbol.asyncDispose]: async () => {
        this.#neighbours.delete(neighbour.group)
        this.#underWay.forget(neighbour.group)
        await Promise.allSettled(this.#running)
      },
    }
  }

  /** Commits what is done for a group with whatever it leads to among the neighbours. */
  commitFor(origin: Origin): Commit {
    const { group } = origin
    const theLongWay = apart(origin)
    return async (work) => {
      if (this.#options.mode === 'off' || performance.now() < this.#restUntil) return theLongWay(work)
      try {
        const handed = await this.#watched(this.#handOn(origin, work))
        if (handed > 0) this.#counted.add({ what: 'handed' }, handed)
      } catch (error) {
        if (!wouldOvertake(error)) this.#haveRest()
        this.#counted.add({ what: 'again' })
        this.#options.telemetry.log.debug({ group, error: reasonOf(error) }, 'done again through the log')
        return theLongWay(work)
      }
    }
  }

  /** Returns how many messages were handled without having been written. */
  #handOn({ db, enqueue }: Origin, work: Parameters<Commit>[0]): Promise<number> {
    return db.transaction(
      async (tx) => {
        const chain = new Chain(tx, this.#handing)
        await work(tx, chain.sendOf(enqueue))
        await chain.run()
        return chain.handed
      },
      { goesRound: true },
    )
  }

  async #watched<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  #haveRest(): void {
    const now = performance.now()
    const isAgain = this.#restUntil > 0 && now < this.#restUntil + LATELY
    this.#rest = isAgain ? Math.min(2 * this.#rest, LONGEST_REST) : REST
    this.#restUntil = now + this.#rest
  }

  /** These messages of this process have been written to the log. */
  readonly sent = (messages: readonly Packed[]): void => {
    for (const message of messages) {
      for (const neighbour of this.#neighbours.values()) {
        const { group, owns } = neighbour
        if (!concerns(neighbour, message) || hasHad(message.envelope.had, group)) continue
        if (owns(message.topic, message.partition)) this.#underWay.add(group, message)
      }
    }
  }

  /** The group is about to handle these, which it has read. */
  reading(group: string, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#underWay.add(group, delivery)
  }

  /** The group has read and handled these. */
  read(group: string, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#underWay.remove(group, delivery)
  }

  /** The group reads on from its checkpoints. */
  sought(group: string): void {
    this.#underWay.forget(group)
  }

  #takes({ group, takes }: Neighbour, { topic, partition, envelope }: Packed): Position | undefined {
    const { mode, platform } = this.#options
    if (mode === 'sometimes' && platform.random() < 0.5) return undefined
    const key = envelope.partitionkey
    return this.#underWay.has(group, topic, key) ? undefined : takes(topic, partition, key)
  }
}

/** Whether the error says that an earlier message of a key is still to be read. */
const wouldOvertake = (error: unknown): boolean => Object(error).code === 'ARG03'
