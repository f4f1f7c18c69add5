import type { Static } from 'typebox'
import type { config } from './config.ts'
import type { Limit } from './rate-limit/limiter.ts'

/** How the calls below a path are treated. Who may call is not said here but by each operation in `contracts/`. */
export type Policy = {
  /** Applies to this path and all below it; the longest match counts. */
  readonly below: string
  readonly to: ServiceName
  readonly limit: LimitName
  /** Seconds until a service that is a process of its own must have begun its answer. */
  readonly within: number
}

export type ServiceName = 'account' | 'catalog' | 'inventory' | 'order' | 'payment' | 'purchase' | 'mail'
export type LimitName = 'sign-in' | 'buy' | 'everyday'

const policies: readonly Policy[] = [
  { below: '/api/v1/account', to: 'account', limit: 'everyday', within: 10 },
  { below: '/api/v1/account/register', to: 'account', limit: 'sign-in', within: 15 },
  { below: '/api/v1/account/login', to: 'account', limit: 'sign-in', within: 15 },
  { below: '/api/v1/account/verify', to: 'account', limit: 'sign-in', within: 10 },
  { below: '/.well-known', to: 'account', limit: 'everyday', within: 5 },
  { below: '/api/v1/categories', to: 'catalog', limit: 'everyday', within: 10 },
  { below: '/api/v1/products', to: 'catalog', limit: 'everyday', within: 10 },
  { below: '/api/v1/products/check', to: 'inventory', limit: 'everyday', within: 5 },
  { below: '/api/v1/inventory', to: 'inventory', limit: 'everyday', within: 10 },
  { below: '/api/v1/purchases', to: 'purchase', limit: 'buy', within: 15 },
  { below: '/api/v1/orders', to: 'order', limit: 'everyday', within: 10 },
  { below: '/api/v1/payments', to: 'payment', limit: 'everyday', within: 10 },
  { below: '/unsubscribe', to: 'mail', limit: 'everyday', within: 5 },
  { below: '/mailbox', to: 'mail', limit: 'everyday', within: 5 },
  { below: '/api/v1/mailbox', to: 'mail', limit: 'everyday', within: 5 },
]

/** The policy of a path as routes write it. Throws when there is none: what nobody thought of is not let through. */
export const policyOf = (path: string, table = policies): Policy => {
  const matches = table.filter(({ below }) => path === below || path.startsWith(`${below}/`))
  const [longest] = matches.toSorted((a, b) => b.below.length - a.below.length)
  if (longest === undefined) throw new Error(`the gateway has no policy for ${path}: add a line to policies.ts`)
  return longest
}

/** Calls that one client may make in a minute, by kind. Undefined when rate limits are off. */
export const limitsOf = (settings: Static<typeof config>): Readonly<Record<LimitName, Limit>> | undefined =>
  settings.RATE_LIMITS
    ? {
        'sign-in': { name: 'sign-in', quota: settings.RATE_LIMIT_SIGN_IN, window: 60 },
        buy: { name: 'buy', quota: settings.RATE_LIMIT_BUY, window: 60 },
        everyday: { name: 'everyday', quota: settings.RATE_LIMIT_EVERYDAY, window: 60 },
      }
    : undefined

/** Where services that are processes of their own answer. */
export const addressesOf = (settings: Static<typeof config>): Readonly<Record<ServiceName, string | undefined>> => ({
  account: settings.ACCOUNT_URL,
  catalog: settings.CATALOG_URL,
  inventory: settings.INVENTORY_URL,
  order: settings.ORDER_URL,
  payment: settings.PAYMENT_HTTP_URL,
  purchase: settings.PURCHASE_URL,
  mail: settings.MAIL_URL,
})
