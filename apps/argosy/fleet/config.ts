import { answeringNames, answersRpc, rpcVariableOf } from '@argosy/contracts/services'
import type { AnsweringName, RpcVariable } from '@argosy/contracts/services'
import { parseConfig } from '@kit/config/config'
import type { Environment } from '@kit/config/config'
import { Duration } from '@kit/config/duration'
import { meant } from '@kit/config/similar'
import type { Procedure } from '@kit/rpc/procedure'
import type { Service } from '@kit/service/service'
import type { Logger } from '@kit/telemetry/telemetry'
import { gateway } from '@services/gateway/service'
import Type from 'typebox'
import type { Static } from 'typebox'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import { misconfigured, settings } from '../settings.ts'
import type { Settings } from '../settings.ts'
import { publicSecretIn } from './public-secret.ts'

const RpcUrl = (service: string) =>
  Type.Optional(
    Type.String({
      pattern: '^grpcs?://[^/]+$',
      description: `Where the ${service} service answers other services when it is a process of its own.`,
      examples: ['grpc://127.0.0.1:7101'],
    }),
  )

const rpcUrls = Object.fromEntries(answeringNames.map((name) => [rpcVariableOf(name), RpcUrl(name)])) as Readonly<
  Record<RpcVariable, ReturnType<typeof RpcUrl>>
>

/** What processes of one fleet need to know of each other, and of the log that they share. */
export const fleet = Type.Object({
  LOG_RETENTION: Duration({
    default: '1h',
    description: 'How long the outbox keeps messages at least that every group has read; up to twice as long.',
  }),
  QUEUE_URL: Type.String({
    secret: true,
    default: 'postgres:',
    pattern: '^(postgres:|amqps?://[^/?]+(/[^?]*)?)$',
    description:
      'How jobs come to their workers: postgres: straight from the database, amqp://user:password@host:5672,host/vhost through RabbitMQ.',
  }),
  RPC_PORT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65_535,
    description: 'Where a process that runs only some services answers the others by gRPC; 0 takes a free one.',
  }),
  RPC_TOKEN: Type.Optional(
    Type.String({ minLength: 16, secret: true, description: 'The secret that processes of one fleet share.' }),
  ),
  ACCOUNT_URL: Type.Optional(
    Type.String({ pattern: '^https?://[^/]+$', description: 'Where the keys of access tokens are asked for.' }),
  ),
  ...rpcUrls,
})

export type FleetConfig = Static<typeof fleet>

/** Whose procedure it is: `argosy.catalog.v1.Catalog` is the catalog's. Throws for a service that answers nobody. */
export const ownerOf = (service: string): AnsweringName => {
  const name = service.split('.')[1] ?? ''
  if (answersRpc(name)) return name
  throw new Error(`no variable says where ${service} is; contracts/services.ts does not know it as one that answers`)
}

/** Where a service of a `.proto` file answers, when it is told. */
export const rpcUrlOf = (config: FleetConfig, service: string): string | undefined =>
  config[rpcVariableOf(ownerOf(service))]

/** What this process runs. */
export type Choice = { readonly services: readonly Service[]; readonly gateway: boolean }

/** All services and the gateway, or those that are named. Throws a Stop for a name that does not exist. */
export const choose = (all: readonly Service[], only: readonly string[] | undefined): Choice => {
  if (only === undefined) return { services: all, gateway: true }
  const names = [...all.map(({ name }) => name), gateway.name]
  for (const name of only) {
    if (names.includes(name)) continue
    const right = meant(name, names)
    throw new Stop(`there is no service ${name}`, {
      fix: `${right === undefined ? '' : `did you mean ${right}? `}choose from ${names.join(', ')}`,
      exitCode: exitCode.usage,
    })
  }
  return { services: all.filter(({ name }) => only.includes(name)), gateway: only.includes(gateway.name) }
}

export type Config = {
  readonly own: Settings
  readonly fleet: FleetConfig
  readonly gateway: Static<typeof gateway.config>
  readonly of: (service: Service) => Readonly<Record<PropertyKey, unknown>>
}

/** Parses the environment for all that run here. Throws a Stop that names every mistake. */
export const readConfig = (env: Environment, choice: Choice, log: Logger): Config => {
  const { services } = choice
  const ours = parseConfig({ own: settings, fleet, gateway: gateway.config }, env)
  const known = [settings, fleet, gateway.config].flatMap(({ properties }) => Object.keys(properties))
  const theirs = parseConfig(Object.fromEntries(services.map(({ name, config }) => [name, config])), env, known)
  if (!ours.ok || !theirs.ok) {
    throw misconfigured([ours, theirs].flatMap((parsed) => (parsed.ok ? [] : parsed.mistakes)))
  }
  for (const { name, problem, fix } of theirs.warnings) log.warn({ name }, `${name} ${problem}. ${fix}`)
  const { own, gateway: door } = ours.values
  const publicSecret = publicSecretIn(theirs.values['payment'], own, choice.gateway)
  if (publicSecret !== undefined) throw misconfigured([publicSecret])
  requireOthers(ours.values.fleet, services)
  return { own, fleet: ours.values.fleet, gateway: door, of: ({ name }) => theirs.values[name] ?? {} }
}

/** What one process of several must know of the others. Throws a Stop that says what is missing. */
const requireOthers = (config: FleetConfig, services: readonly Service[]): void => {
  const { ACCOUNT_URL, RPC_TOKEN } = config
  if (ACCOUNT_URL === undefined && !services.some(({ name }) => name === 'account')) {
    throw new Stop('who calls cannot be known: the account service, which has the keys, does not run in this process', {
      fix: 'set ACCOUNT_URL to where it does: http://127.0.0.1:7001',
      exitCode: exitCode.usage,
    })
  }
  for (const { name, calls = [] } of services) {
    for (const procedure of calls) requireAnswering(name, procedure, config, services)
  }
  const elsewhere = answeringNames.some((name) => config[rpcVariableOf(name)] !== undefined)
  if (elsewhere && RPC_TOKEN === undefined) {
    throw new Stop('other services are to be called, and without RPC_TOKEN they would not answer', {
      fix: 'set RPC_TOKEN to the same secret in all processes',
      exitCode: exitCode.usage,
    })
  }
}

const requireAnswering = (
  caller: string,
  { service, method }: Procedure,
  config: FleetConfig,
  services: readonly Service[],
): void => {
  const owner = ownerOf(service)
  if (config[rpcVariableOf(owner)] !== undefined || services.some(({ name }) => name === owner)) return
  throw new Stop(`${caller} calls ${method} of the ${owner} service, which does not run in this process`, {
    fix: `set ${rpcVariableOf(owner)} to where it does: grpc://127.0.0.1:7101`,
    exitCode: exitCode.usage,
  })
}
