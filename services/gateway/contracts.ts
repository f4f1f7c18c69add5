import * as account from '@argosy/contracts/http/account'
import * as catalog from '@argosy/contracts/http/catalog'
import * as inventory from '@argosy/contracts/http/inventory'
import * as mail from '@argosy/contracts/http/mail'
import * as order from '@argosy/contracts/http/order'
import * as payment from '@argosy/contracts/http/payment'
import * as purchase from '@argosy/contracts/http/purchase'
import type { AnyEndpoint } from '@kit/http/endpoint'
import type { ServiceName } from './policies.ts'

/** The operations that a contract declares: its exports that have a method and a path. */
const endpointsIn = (contract: object): readonly AnyEndpoint[] => Object.values(contract).filter(isEndpoint)

const isEndpoint = (value: unknown): value is AnyEndpoint =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'audience' in value

/** Every operation of the platform, by the service that owns it. */
export const contracts: Readonly<Record<ServiceName, readonly AnyEndpoint[]>> = {
  account: endpointsIn(account),
  catalog: endpointsIn(catalog),
  inventory: endpointsIn(inventory),
  order: endpointsIn(order),
  payment: endpointsIn(payment),
  purchase: endpointsIn(purchase),
  mail: endpointsIn(mail),
}
