import type { Clock } from '../faults/wrong-clock.ts'
import type { SmallDisk } from '../faults/small-disk.ts'
import type { Kafka } from '../cluster/kafka.ts'
import type { Database } from './database.ts'
import type { Door } from './door.ts'
import type { Keeper } from './keeper.ts'
import type { Random } from './random.ts'

/** What faults act upon. */
export type World = {
  readonly keeper: Keeper
  /** Makes a further instance of the shop on the same database; it is not started yet. */
  readonly further: () => Keeper
  readonly door: Door
  readonly database: Database
  /** The wall clock of the shop's processes. */
  readonly clock: Clock
  /** What the database is on; absent where the machine has none to spare. */
  readonly disk?: SmallDisk
  /** The log; absent where it is PostgreSQL. */
  readonly kafka?: Kafka
  readonly chance: Random
  readonly log: (line: string) => void
}

/** Something other than a kill that happens to the shop, for a while. */
export type Disturbance = {
  /** Why it cannot be, on this machine or with a log of so many brokers; undefined when it can. */
  readonly missing?: (brokers: number) => string | undefined
  /** How many ms it lasts, at least and at most. */
  readonly lasts: readonly [least: number, most: number]
  /** It goes on beside the faults that come after it. */
  readonly beside?: true
  /** Of two rounds it is part of the first only: it takes long. */
  readonly seldom?: true
  /** Does it; disposing undoes it. Throws when it could not be done at this moment. */
  readonly begin: (world: World) => Promise<Disposable | AsyncDisposable>
}
