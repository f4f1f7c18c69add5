import { resolve } from 'node:path'
import { databaseVariableOf, serviceNames, type DatabaseVariable, type ServiceName } from '@argosy/contracts/services'
import { mistakesText, parseConfig } from '@kit/config/config'
import type { Mistake } from '@kit/config/config'
import Type from 'typebox'
import type { Static } from 'typebox'
import type { Environment } from './command-line/command.ts'
import { exitCode, Stop } from './command-line/exit-code.ts'
import { logSettings } from './log-settings.ts'

const OwnDatabase = (service: string) =>
  Type.Optional(
    Type.String({
      pattern: '^postgres(ql)?://.+$',
      examples: ['postgres://user:password@host/database'],
      secret: true,
      description: `Where the ${service} service has its tables, when it is not where DATABASE_URL says; needs LOG_URL=kafka://….`,
    }),
  )

const databaseUrls = Object.fromEntries(
  serviceNames.map((name) => [databaseVariableOf(name), OwnDatabase(name)]),
) as Readonly<Record<DatabaseVariable, ReturnType<typeof OwnDatabase>>>

/** The process's own part of the environment; each service has its own beside it. */
export const settings = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', description: 'Where to listen; 0.0.0.0 for all interfaces.' }),
  PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65_535,
    description: 'Where to listen; 0 takes a free one.',
  }),
  DATA_DIR: Type.String({ default: '.argosy', description: 'Where the embedded database keeps its data.' }),
  DATABASE_URL: Type.Optional(
    Type.String({
      pattern: '^(embedded:.+|postgres(ql)?://.+)$',
      examples: ['postgres://user:password@host/database', 'embedded:<folder>'],
      secret: true,
      description: 'postgres://user:password@host/database, or embedded:<folder>; embedded:<DATA_DIR>/pg when absent.',
    }),
  ),
  ...databaseUrls,
  ...logSettings,
  LOG_LEVEL: Type.Optional(
    Type.Union(
      (['silent', 'error', 'warn', 'info', 'debug'] as const).map((level) => Type.Literal(level)),
      { description: 'info when absent; warn at a terminal.' },
    ),
  ),
  DEMO: Type.Optional(
    Type.Boolean({
      description:
        'Fills an empty shop at the first start. On when absent, off in production and off the loopback interface.',
    }),
  ),
  NODE_ENV: Type.Optional(
    Type.String({
      description: 'production turns off what is for trying out: demo data and the built-in mailbox page.',
    }),
  ),
  ARGOSY_PROFILE: Type.Optional(
    Type.Enum(['demo'], {
      description:
        'demo: ORDER_REMINDERS=20s,40s,60s ORDER_EXPIRY=90s unless set, and an order that nobody pays at each start.',
    }),
  ),
  TOGETHER: Type.Enum(['on', 'off', 'sometimes'], {
    default: 'on',
    description:
      'For tests: whether what services of one process have for each other is handled in one transaction; sometimes: by chance.',
  }),
  ARGOSY_FAILPOINTS: Type.Optional(Type.String({ description: 'For tests: name:hit[,…] kills the process there.' })),
})

export type Settings = Static<typeof settings>

/** Whether what is known to everybody does no harm: nobody but this machine reaches the shop, and it is for trying out. */
export const isForTrial = ({ HOST, NODE_ENV }: Pick<Settings, 'HOST' | 'NODE_ENV'>): boolean =>
  NODE_ENV !== 'production' && LOOPBACK.has(HOST)

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** Where a shop that was started with these settings is asked from this machine. Port 0 is any: then it is a guess. */
export const addressOf = ({ HOST, PORT }: Pick<Settings, 'HOST' | 'PORT'>): string => {
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[HOST] ?? HOST
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT === 0 ? 8080 : PORT}`
}

/** The process's part of the environment. Throws a Stop that names all mistakes. */
export const readSettings = (env: Environment): Settings => {
  const parsed = parseConfig({ settings }, env)
  if (!parsed.ok) throw misconfigured(parsed.mistakes)
  return parsed.values.settings
}

/** All mistakes together, each in a line of its own with its own fix. */
export const misconfigured = (mistakes: readonly Mistake[]): Stop => {
  const [first = '', ...also] = new Set(mistakes.map((mistake) => mistakesText([mistake])))
  return new Stop(first, { also, exitCode: exitCode.usage })
}

/** Where the tables are: `postgres://…`, or `embedded:` with an absolute folder. */
export const databaseUrl = ({ DATABASE_URL, DATA_DIR }: Pick<Settings, 'DATABASE_URL' | 'DATA_DIR'>): string => {
  const url = DATABASE_URL ?? `embedded:${DATA_DIR}/pg`
  return url.startsWith('embedded:') ? `embedded:${resolve(url.slice('embedded:'.length))}` : url
}

/** Where the tables of a service are. */
export const databaseUrlOf = (settings: Settings, service: ServiceName): string =>
  settings[databaseVariableOf(service)] ?? databaseUrl(settings)

/** A database that services have their tables in. */
export type NamedDatabase = {
  /** The variable that names it. */
  readonly variable: 'DATABASE_URL' | DatabaseVariable
  readonly url: string
  readonly services: readonly [ServiceName, ...ServiceName[]]
}

/** All databases of the fleet, the one that services share first. */
export const databasesOf = (settings: Settings): readonly NamedDatabase[] => {
  const shared = databaseUrl(settings)
  return [...Map.groupBy(serviceNames, (service) => databaseUrlOf(settings, service))]
    .flatMap(([url, [first, ...more]]): NamedDatabase[] =>
      first === undefined
        ? []
        : [{ variable: url === shared ? 'DATABASE_URL' : databaseVariableOf(first), url, services: [first, ...more] }],
    )
    .toSorted((a, b) => Number(b.url === shared) - Number(a.url === shared))
}
