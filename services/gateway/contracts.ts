import { serviceNames, serviceTable } from '@argosy/contracts/services'
import type { ServiceName } from '@argosy/contracts/services'
import type { AnyEndpoint } from '@kit/http/endpoint'

/** The operations that a contract declares: its exports that have a method and a path. */
const endpointsIn = (contract: object): readonly AnyEndpoint[] => Object.values(contract).filter(isEndpoint)

const isEndpoint = (value: unknown): value is AnyEndpoint =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'audience' in value

/** Every operation of the platform, by the service that owns it. */
export type Contracts = ReadonlyMap<ServiceName, readonly AnyEndpoint[]>

export const readContracts = async (): Promise<Contracts> =>
  new Map(
    await Promise.all(serviceNames.map(async (name) => [name, endpointsIn(await serviceTable[name].http())] as const)),
  )
