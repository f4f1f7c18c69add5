import { services } from '@apps/argosy/fleet'
import { ownerOf } from '@apps/argosy/fleet/config'
import { answersRpc, httpVariableOf, rpcVariableOf, serviceNames } from '@argosy/contracts/services'
import type { ServiceName } from '@argosy/contracts/services'

/** What each process must be told of the others. */
export const processTable = (): string => {
  const everywhere = serviceNames.map((name) => `\`${httpVariableOf(name)}\``).join(', ')
  const calling = services.flatMap(({ name, calls = [] }) => {
    const asked = Map.groupBy(calls, ({ service }) => rpcVariableOf(ownerOf(service)))
    const told = [...asked].map(([variable, by]) => `\`${variable}\` (${by.map(({ method }) => method).join(', ')})`)
    return told.length === 0 ? [] : [row(name, name, `also ${told.join(', ')}`)]
  })
  return [
    '| Process | Started by | Needs to know |',
    '|---|---|---|',
    row('gateway', 'gateway', `where each service is: ${everywhere}`),
    row('any service', serviceNames.at(-1) ?? '', '`ACCOUNT_URL`, for the keys of access tokens'),
    ...calling,
  ].join('\n')
}

const row = (what: string, name: string, needs: string): string =>
  `| ${what} | \`argosy start --only ${name}\` | ${needs} |`

/** The whole fleet on one machine, by hand: all are told everything, and each listens at ports of its own. */
export const processCommands = (): string => {
  const addresses = [
    ...serviceNames.map((name) => `${httpVariableOf(name)}=http://127.0.0.1:${portOf(name)}`),
    ...serviceNames.filter(answersRpc).map((name) => `${rpcVariableOf(name)}=grpc://127.0.0.1:${rpcPortOf(name)}`),
  ]
  const started = [...serviceNames.map((name) => `${command(portsOf(name), name)} &`), command('PORT=8080', 'gateway')]
  return ['```sh', ...exported(addresses), '', ...started, '```'].join('\n')
}

const portOf = (name: ServiceName): number => 7001 + serviceNames.indexOf(name)
const rpcPortOf = (name: ServiceName): number => portOf(name) + 100
const portsOf = (name: ServiceName): string =>
  `PORT=${portOf(name)}${answersRpc(name) ? ` RPC_PORT=${rpcPortOf(name)}` : ''}`
const command = (ports: string, name: string): string => `${ports.padEnd(23)} npm run argosy -- start --only ${name}`

/** Three to a line. */
const exported = (settings: readonly string[]): string[] =>
  Array.from({ length: Math.ceil(settings.length / 3) }, (_, line) =>
    ['export', ...settings.slice(line * 3, line * 3 + 3)].join(' '),
  )
