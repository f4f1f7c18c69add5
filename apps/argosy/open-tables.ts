import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '@kit/postgres/database'
import { startEmbedded } from '@kit/postgres/embedded'
import type { Database } from '@kit/postgres/queryable'
import { openLog } from '@kit/telemetry/log'
import type { Environment } from './command.ts'
import { Stop } from './exit-code.ts'
import { services } from './fleet.ts'
import { databaseUrl, readSettings } from './settings.ts'

/** The shop's tables, for a command that looks or mends while the shop runs or rests. */
export type Tables = AsyncDisposable & {
  readonly services: readonly string[]
  /** One service's schema, under its role. */
  readonly of: (service: string) => Database
}
