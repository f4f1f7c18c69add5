import { serviceNames, serviceTable } from '@argosy/contracts/services'
import type { LimitName, Prefix, ServiceName } from '@argosy/contracts/services'
import type { Static } from 'typebox'
import type { config } from './config.ts'
import type { Limit } from './rate-limit/limiter.ts'

/** How the calls below a path are treated. Who may call is not said here but by each operation in `contracts/`. */
export type Policy = Prefix & { readonly to: ServiceName }

const policies: readonly Policy[] = serviceNames.flatMap((to) =>
  serviceTable[to].prefixes.map((prefix) => ({ ...prefix, to })),
)

/** The policy of a path as routes write it. Throws when there is none: what nobody thought of is not let through. */
export const policyOf = (path: string, table = policies): Policy => {
  const matches = table.filter(({ below }) => path === below || path.startsWith(`${below}/`))
  const [longest] = matches.toSorted((a, b) => b.below.length - a.below.length)
  if (longest === undefined)
    throw new Error(`the gateway has no policy for ${path}: add its prefix to contracts/services.ts`)
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
