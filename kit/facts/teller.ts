import type { Partitioning } from '@kit/log/log'
import { Loop, type Found } from '@kit/pace/loop'
import type { Send } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import type { Database, Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Facts } from './facts.ts'
import { factsTold, placesIn } from './messages.ts'

/** Facts in a page. */
const PAGE = 500
/** Ms between two pages, in which whatever waits for a row or a connection has its turn. */
const REST = 50
/** How often it looks for what another process has left behind, in ms. */
const LOOK = 5_000

/** A page that waits for a row keeps those locked that it has: not for long. It is tried again. */
const waitShortly = { name: 'facts: wait shortly', text: "set local lock_timeout = '500ms'" }

type Telling = {
  readonly reader: string
  readonly projection: string
  readonly asking: string
  readonly types: readonly string[]
  readonly facts: string | null
  readonly after: string | null
  readonly told: number
}

const lockTelling = sql<Telling>(import.meta.url, 'lock-telling.sql')
const updateTelling = sql(import.meta.url, 'update-telling.sql')
const selectProgress = sql<{ told: number; done_at: Date | null }>(import.meta.url, 'select-progress.sql')

export type TellerOptions = {
  /** The service. */
  readonly owner: string
  readonly facts: readonly Facts[]
  readonly db: Database
  readonly send: Send
  readonly log: Partitioning
  readonly platform: Platform
  readonly telemetry: Telemetry
  /** Facts in a page; 500 unless given. */
  readonly limit?: number
}

/**
 * Tells facts, page by page, to the groups that have asked. A page and how far it leads are one transaction, so that
 * whoever dies leaves a place at which any instance goes on; the row of a telling is locked meanwhile, and others pass
 * it over.
 */
export class Teller implements AsyncDisposable {
  readonly #options: TellerOptions
  readonly #known: readonly string[]
  readonly #loop: Loop

  constructor(options: TellerOptions) {
    this.#options = options
    this.#known = options.facts.flatMap(({ types }) => types.map(({ type }) => type))
    const log = options.telemetry.log.child({ teller: options.owner })
    this.#loop = new Loop(() => this.step(), log, undefined, { poll: LOOK, rest: REST })
  }

  start(): void {
    this.#loop.start()
  }

  wake(): void {
    this.#loop.wake()
  }

  /** Tells all that was asked for; for tests, of a teller that is not started. Whether there was anything. */
  async drain(): Promise<boolean> {
    let some = false
    while ((await this.step()) !== 'idle') some = true
    return some
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop[Symbol.asyncDispose]()
  }

  /** One page. */
  async step(): Promise<Found> {
    const { db, platform } = this.#options
    const found = await db.transaction(async (tx) => {
      void tx.query(waitShortly)
      const [telling] = await tx.query(lockTelling, [this.#known])
      if (telling === undefined) return 'idle'
      await this.#tell(tx, telling)
      platform.failpoint('facts.before-commit')
      return 'handled'
    })
    if (found === 'handled') platform.failpoint('facts.after-page')
    return found
  }

  async #tell(tx: Tx, telling: Telling): Promise<void> {
    const { facts, send, limit = PAGE } = this.#options
    const wanted = facts.filter(({ types }) => types.some(({ type }) => telling.types.includes(type)))
    const at = Math.max(
      0,
      wanted.findIndex(({ name }) => name === telling.facts),
    )
    const current = wanted[at]
    if (current === undefined) throw new Error(`${telling.types.join()} was taken to be known`)
    // Facts of that name may be gone since: then all is told from the beginning.
    const after = current.name === telling.facts ? (telling.after ?? undefined) : undefined
    const { messages, last } = await current.page(tx, after, limit)
    const told = telling.told + messages.length
    send(tx, messages, undefined, telling.reader)
    const next = last === undefined ? wanted[at + 1] : current
    if (next === undefined) this.#end(tx, telling, told)
    const place = next === undefined ? [current.name, null] : [next.name, last ?? null]
    void tx.query(updateTelling, [telling.reader, telling.projection, ...place, told, next === undefined])
  }

  /** Says, behind the last fact of each partition, that it was the last. */
  #end(tx: Tx, { reader, projection, asking }: Telling, told: number): void {
    const { owner, send, log, telemetry } = this.#options
    const end = factsTold(owner)
    const places = placesIn(log, end.topic)
    const ends = places.map((place, partition) =>
      end({ asking, reader, projection, place, partition, partitions: places.length, told }),
    )
    send(tx, ends, undefined, reader)
    tx.afterCommit(() => telemetry.log.info({ reader, projection, told }, 'all facts are told'))
  }
}

/** How many facts an owner has told of those asked for, and when it was done; undefined before it has heard of it. */
export const tellingOf = async (
  owner: Queryable,
  asking: string,
): Promise<{ readonly told: number; readonly done_at: Date | null } | undefined> =>
  (await owner.query(selectProgress, [asking]))[0]
