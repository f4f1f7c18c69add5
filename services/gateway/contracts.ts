import { serviceNames, serviceTable } from '@argosy/contracts/services'
import type { ServiceName } from '@argosy/contracts/services'
import type { AnyEndpoint } from '@kit/http/endpoint'
import type { NamedEndpoint } from '@kit/http/openapi/document'

/** The operations that a contract declares: its exports that have a method and a path, under their names. */
const endpointsIn = (contract: object): readonly NamedEndpoint[] =>
  Object.entries(contract).flatMap(([name, endpoint]) => (isEndpoint(endpoint) ? [{ name, endpoint }] : []))

const isEndpoint = (value: unknown): value is AnyEndpoint =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'audience' in value

/** Every operation of the platform, by the service that owns it. */
export type Contracts = ReadonlyMap<ServiceName, readonly NamedEndpoint[]>

export const readContracts = async (): Promise<Contracts> =>
  new Map(
    await Promise.all(serviceNames.map(async (name) => [name, endpointsIn(await serviceTable[name].http())] as const)),
  )
