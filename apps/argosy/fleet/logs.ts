import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { openKafkaLog, type Kafka } from '@kit/log/kafka/open'
import type { Log } from '@kit/log/log'
import { openPostgresLog } from '@kit/log/postgres/open'
import { Together } from '@kit/messaging/together/together'
import { migrate } from '@kit/migrations/migrate'
import { openSharedDatabase } from '@kit/postgres/database'
import type { Closing } from '@kit/service/closing'
import type { Surroundings } from '@kit/service/open-service'
import { schemasOf } from '@kit/service/schemas'
import type { Service } from '@kit/service/service'
import type { Platform } from '@kit/platform/platform'
import type { Logger, Telemetry } from '@kit/telemetry/telemetry'
import { connect, isKafka } from '../log-settings.ts'
import type { Progress } from '../progress.ts'
import type { Config } from './config.ts'
import type { Place } from './databases.ts'

/** Where a service has its tables, and the log as it is used from there. */
export type At = Pick<Surroundings, 'database' | 'log' | 'together'>

export type Logs = {
  readonly at: (service: Service) => At
  /** Why this process cannot read or write the log now. */
  readonly complaint: () => string | undefined
}

type Opening = {
  readonly log: Logger
  readonly platform: Platform
  readonly progress: Progress
  readonly signal: AbortSignal
}

export type LogsOptions = {
  readonly places: readonly Place[]
  readonly config: Config
  readonly telemetry: Telemetry
  readonly options: Opening
}

/** Makes the tables in all databases of this process, and opens the log in each. */
export const openLogs = async (around: LogsOptions, owned: Closing): Promise<Logs> => {
  const { places, config, telemetry, options } = around
  const kafka = isKafka(config.own)
    ? owned.use('Kafka', await connect(config.own, { platform: options.platform, telemetry }))
    : undefined
  const opened: (At & Place)[] = []
  for (const place of places) {
    const databaseUrl = await openPostgres(place.url, options, owned)
    const applied = options.progress('schemas')
    const schemas = schemasOf(place.services)
    const migrations = await migrate({ url: databaseUrl, schemas, log: options.log, signal: options.signal })
    applied(`${place.name === undefined ? '' : `${place.name}: `}${migrations.length} migrations`)
    const log = owned.use('log', await openLog({ ...place, url: databaseUrl }, kafka, around))
    const database = owned.use(
      'database',
      openSharedDatabase({ url: databaseUrl, log: options.log, signal: options.signal }),
    )
    const together = new Together({ mode: config.own.TOGETHER, platform: options.platform, log, telemetry })
    opened.push({ ...place, database, log, together })
  }
  return {
    at: (service) => opened.find(({ services }) => services.includes(service)) ?? nowhere(service),
    complaint: () => {
      for (const { log } of opened) {
        const complaint = log.complaint()
        if (complaint !== undefined) return complaint
      }
      return undefined
    },
  }
}

const openLog = (place: Place, kafka: Kafka | undefined, { config, telemetry }: LogsOptions): Promise<Log> => {
  const { url, name, services, running } = place
  const groups = running.map((service) => service.name)
  const keep = config.fleet.LOG_RETENTION / 1000
  if (kafka === undefined) {
    const registered = services.map((service) => service.name)
    return openPostgresLog({ url, groups, registered, keep, telemetry })
  }
  return openKafkaLog({ kafka, databaseUrl: url, name, groups, keep, telemetry })
}

const openPostgres = async (url: string, { log, progress, signal }: Opening, owned: Closing): Promise<string> => {
  if (!url.startsWith('embedded:')) return url
  const started = progress('postgresql')
  const starting = startEmbedded({ dir: url.slice('embedded:'.length), log, signal })
  // Owned from the beginning: who gives up the start waits until nothing is left of it.
  owned.use('PostgreSQL', {
    [Symbol.asyncDispose]: () => starting.then((server) => server[Symbol.asyncDispose](), noServer),
  })
  const server = await starting
  started('embedded')
  return server.url
}

/** It has not come up, and has told so. */
const noServer = (): void => undefined

const nowhere = (service: Service): never => {
  throw new Error(`no database was opened for ${service.name}`)
}
