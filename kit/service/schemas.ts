import { factsMigrations } from '@kit/facts/migrations'
import { jobMigrations } from '@kit/jobs/migrations'
import { RELAY } from '@kit/log/log'
import { logMigrations } from '@kit/log/postgres/migrations'
import { deadLetterMigrations } from '@kit/messaging/migrations'
import type { Schema } from '@kit/migrations/schema'
import type { Service } from './service.ts'

/** Tables that every service has: its dead letters, its jobs, and what is told of facts. */
const EVERYWHERE = [deadLetterMigrations, jobMigrations, factsMigrations] as const

/** The schemas of a fleet: the log, open to all services, then each service's own and those of its companions. */
export const schemasOf = (services: readonly Service[]): readonly Schema[] => [
  { name: 'log', folders: [logMigrations], sharedWith: [...services.map(({ name }) => name), RELAY] },
  ...services.flatMap(({ name, migrations, companions = [] }): readonly Schema[] => [
    { name, folders: [...EVERYWHERE, ...migrations] },
    ...companions.map((companion) => ({ name: companion.name, folders: companion.migrations })),
  ]),
]
