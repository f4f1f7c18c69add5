import { answeringNames, answersRpc, rpcVariableOf } from '@argosy/contracts/services'
import type { AnsweringName, RpcVariable } from '@argosy/contracts/services'
import { Addresses } from '@kit/config/addresses'
import { parseConfig } from '@kit/config/config'
import type { Environment, Mistake } from '@kit/config/config'
import { Duration } from '@kit/config/duration'
import { meant } from '@kit/config/similar'
import type { Service } from '@kit/service/service'
import type { Logger } from '@kit/telemetry/telemetry'
import { gateway } from '@services/gateway/service'
import Type from 'typebox'
import type { Static } from 'typebox'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import { databaseApartIn } from './databases.ts'
import { misconfigured, settings } from '../settings.ts'
import type { Settings } from '../settings.ts'
import { publicSecretIn } from './public-secret.ts'

const RpcUrl = (service: string) =>
  Type.Optional(
    Addresses({
      schemes: ['grpc', 'grpcs'],
      description: `Where the instances of the ${service} service answer other services, when they are processes of their own.`,
      example: ['grpc://127.0.0.1:7101', 'grpc://127.0.0.1:7111'],
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
    examples: ['amqp://user:password@host:5672,host/vhost', 'postgres:'],
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
  // Where the keys of access tokens are asked for; the gateway describes it.
  ACCOUNT_URL: gateway.config.properties.ACCOUNT_URL,
  ...rpcUrls,
})

export type FleetConfig = Static<typeof fleet>

/** Whose procedure it is: `argosy.catalog.v1.Catalog` is the catalog's. Throws for a service that answers nobody. */
export const ownerOf = (service: string): AnsweringName => {
  const name = service.split('.')[1] ?? ''
  if (answersRpc(name)) return name
  throw new Error(`no variable says where ${service} is; contracts/services.ts does not know it as one that answers`)
}

/** Where the instances of a service of a `.proto` file answer, when it is told. */
export const rpcUrlsOf = (config: FleetConfig, service: string): readonly string[] | undefined =>
  config[rpcVariableOf(ownerOf(service))]

/** What this process runs. */
export type Choice = { readonly services: readonly Service[]; readonly gateway: boolean }

/** All services and the gateway, or those that are named. Throws a Stop for a name that does not exist. */
export const choose = (all: readonly Service[], only: readonly string[] | undefined): Choice => {
  if (only === undefined) return { services: all, gateway: true }
  const names = [...all.map(({ name }) => name), gateway.name]
  const unknown = only.filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    const right = unknown.flatMap((name) => meant(name, names) ?? []).join(', ')
    throw new Stop(`there is no service ${unknown.join(', ')}`, {
      fix: `${right === '' ? '' : `did you mean ${right}? `}choose from ${names.join(', ')}`,
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
  const parsed = parse(env, choice.services)
  const mistakes = parsed.ok ? [] : parsed.mistakes
  const wrong = new Set(mistakes.flatMap(({ name }) => [name, `${name}_FILE`, name.replace(/_FILE$/, '')]))
  // What can be read may still be wrong together with the rest: that is told in the same breath.
  const legible = parsed.ok ? parsed : parse(without(wrong, env), choice.services)
  const together = legible.ok ? contradictionsIn(legible, choice).filter(({ name }) => !wrong.has(name)) : []
  if (!parsed.ok || together.length > 0) throw misconfigured([...mistakes, ...together])
  for (const { name, problem, fix } of parsed.warnings) log.warn({ name }, `${name} ${problem}. ${fix}`)
  const { own, fleet, gateway, theirs } = parsed
  return { own, fleet, gateway, of: ({ name }) => theirs[name] ?? {} }
}

type Parts = Omit<Config, 'of'> & { readonly theirs: Readonly<Record<string, Readonly<Record<PropertyKey, unknown>>>> }

/** Everyone's part of the environment, by its schema. */
const parse = (
  env: Environment,
  services: readonly Service[],
):
  | (Parts & { readonly ok: true; readonly warnings: readonly Mistake[] })
  | { readonly ok: false; readonly mistakes: readonly Mistake[] } => {
  const ours = parseConfig({ own: settings, fleet, gateway: gateway.config }, env)
  const known = [settings, fleet, gateway.config].flatMap(({ properties }) => Object.keys(properties))
  const theirs = parseConfig(Object.fromEntries(services.map(({ name, config }) => [name, config])), env, known)
  if (ours.ok && theirs.ok) return { ok: true, ...ours.values, theirs: theirs.values, warnings: theirs.warnings }
  return { ok: false, mistakes: [ours, theirs].flatMap((parsed) => (parsed.ok ? [] : parsed.mistakes)) }
}

const without = (names: ReadonlySet<string>, env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)))

/** Settings of which each can be read, and which do not go together. */
const contradictionsIn = ({ own, fleet, theirs }: Parts, choice: Choice): readonly Mistake[] => [
  ...[publicSecretIn(theirs['payment'], own, choice.gateway) ?? []].flat(),
  ...[databaseApartIn(own) ?? []].flat(),
  ...missingOf(fleet, choice.services),
]

/** What one process of several must know of the others. */
const missingOf = (config: FleetConfig, services: readonly Service[]): readonly Mistake[] => {
  const { ACCOUNT_URL, RPC_TOKEN } = config
  const isHere = (service: string): boolean => services.some(({ name }) => name === service)
  const mistakes = new Map<string, Mistake>()
  if (ACCOUNT_URL === undefined && !isHere('account')) {
    mistakes.set('ACCOUNT_URL', {
      name: 'ACCOUNT_URL',
      problem:
        'is not set, and who calls cannot be known: the account service, which has the keys, does not run in this process',
      fix: 'Set ACCOUNT_URL to where it does, for example ACCOUNT_URL=http://127.0.0.1:7001.',
    })
  }
  for (const { name: caller, calls = [] } of services) {
    for (const { service, method } of calls) {
      const owner = ownerOf(service)
      const name = rpcVariableOf(owner)
      if (config[name] !== undefined || isHere(owner) || mistakes.has(name)) continue
      const problem = `is not set, and ${caller} calls ${method} of the ${owner} service, which does not run in this process`
      mistakes.set(name, {
        name,
        problem,
        fix: `Set ${name} to where it does, for example ${name}=grpc://127.0.0.1:7101.`,
      })
    }
  }
  const elsewhere = answeringNames.some(
    (name) => config[rpcVariableOf(name)] !== undefined || mistakes.has(rpcVariableOf(name)),
  )
  if (!elsewhere || RPC_TOKEN !== undefined) return [...mistakes.values()]
  const problem = 'is not set, and other services are to be called, which would not answer'
  return [
    ...mistakes.values(),
    { name: 'RPC_TOKEN', problem, fix: 'Set RPC_TOKEN to the same secret in all processes.' },
  ]
}
