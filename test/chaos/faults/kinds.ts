import type { Disturbance } from '../world.ts'
import { emptiedKafka } from './emptied-kafka.ts'
import { foreignTransaction } from './foreign-transaction.ts'
import { frozenBackend } from './frozen-backend.ts'
import { frozenInstance } from './frozen-instance.ts'
import { frozenKafka } from './frozen-kafka.ts'
import { frozenPostgres } from './frozen-postgres.ts'
import { frozenShop } from './frozen-shop.ts'
import { fullDisk } from './full-disk.ts'
import { killedKafka } from './killed-kafka.ts'
import { killedWithKafka } from './killed-with-kafka.ts'
import { restore } from './restore.ts'
import { silentConnections } from './silent-connections.ts'
import { tableAway } from './table-away.ts'
import { wrongClock } from './wrong-clock.ts'

/** All that can happen besides kills and failpoints. */
export const kinds = {
  'frozen-shop': frozenShop,
  'frozen-instance': frozenInstance,
  'frozen-backend': frozenBackend,
  'frozen-postgres': frozenPostgres,
  'foreign-transaction': foreignTransaction,
  'table-away': tableAway,
  'silent-connections': silentConnections,
  'full-disk': fullDisk,
  'wrong-clock': wrongClock,
  restore,
  'killed-kafka': killedKafka,
  'killed-with-kafka': killedWithKafka,
  'frozen-kafka': frozenKafka,
  'emptied-kafka': emptiedKafka,
} as const satisfies Readonly<Record<string, Disturbance>>

export type KindName = keyof typeof kinds
