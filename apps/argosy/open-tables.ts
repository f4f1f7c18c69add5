import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serviceNames, type DatabaseVariable, type ServiceName } from '@argosy/contracts/services'
import { openDatabase } from '@kit/postgres/database'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import type { Partitioning } from '@kit/log/log'
import type { PoolOptions } from '@kit/postgres/connection/pool'
import type { Database } from '@kit/postgres/queryable'
import type { Environment } from './command-line/command.ts'
import { Stop } from './command-line/exit-code.ts'
import { partitioningOf } from './log-settings.ts'
import { databasesOf, databaseUrl, databaseUrlOf, readSettings } from './settings.ts'

/** The shop's tables, for a command that looks or mends, whether the shop runs or rests. */
export type Tables = AsyncDisposable & {
  /** One service's schema, under its role; or the sandbox's, which is no service. */
  readonly of: (owner: Owner) => Database
  /** Every database that services have their tables in, the one that they share first. */
  readonly databases: readonly DatabaseOf[]
  /** How the log is cut that the shop uses. */
  readonly partitioning: Partitioning
}

export type DatabaseOf = {
  /** The variable that names it. */
  readonly variable: 'DATABASE_URL' | DatabaseVariable
  readonly services: readonly ServiceName[]
  readonly db: Database
}

type Owner = ServiceName | 'sandbox'

/**
 * Opens the database that `start` would use. An embedded one that rests runs until the tables are closed. Throws a Stop
 * when there is none yet. `patience`: for statements that take their time, as PoolOptions has it.
 */
export const openTables = async (env: Environment, options: Pick<PoolOptions, 'patience'> = {}): Promise<Tables> => {
  const settings = readSettings(env)
  const opened = new AsyncDisposableStack()
  const shared = databaseUrl(settings)
  const isShared = serviceNames.some((service) => databaseUrlOf(settings, service) === shared)
  const sharedUrl = isShared ? await serverUrl(shared, opened) : shared
  const urlOf = (owner: Owner): string => {
    const url = databaseUrlOf(settings, owner === 'sandbox' ? 'payment' : owner)
    return url === shared ? sharedUrl : url
  }
  const databases = new Map<Owner, Database>()
  const open = (service: Owner): Database => {
    const database = opened.use(openDatabase({ url: urlOf(service), service, max: 2, ...options }))
    databases.set(service, database)
    return database
  }
  const of = (owner: Owner): Database => databases.get(owner) ?? open(owner)
  return {
    of,
    databases: databasesOf(settings).map(({ variable, services }) => ({ variable, services, db: of(services[0]) })),
    partitioning: partitioningOf(settings),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** Where the database answers; an embedded one that rests runs until `opened` is disposed. */
export const serverUrl = async (url: string, opened: AsyncDisposableStack): Promise<string> => {
  if (!url.startsWith('embedded:')) return url
  const dir = url.slice('embedded:'.length)
  if (!existsSync(join(dir, 'PG_VERSION'))) {
    throw new Stop(`there is no shop in ${dir} yet`, { fix: 'argosy start, or set DATA_DIR to the folder you mean' })
  }
  return opened.use(await startEmbedded({ dir })).url
}
