import { httpVariableOf, serviceNames } from '@argosy/contracts/services'
import type { HttpVariable } from '@argosy/contracts/services'
import Type from 'typebox'

const Address = (service: string) =>
  Type.Optional(
    Type.String({
      pattern: '^https?://[^/]+$',
      description: `Where the ${service} service runs when it is a process of its own: http://127.0.0.1:7001.`,
    }),
  )

const addresses = Object.fromEntries(serviceNames.map((name) => [httpVariableOf(name), Address(name)])) as Readonly<
  Record<HttpVariable, ReturnType<typeof Address>>
>

const PerMinute = (calls: number, what: string) =>
  Type.Integer({ default: calls, minimum: 1, maximum: 10_000_000, description: `${what} per client and minute.` })

/** The gateway's part of the environment. */
export const config = Type.Object({
  RATE_LIMITS: Type.Boolean({ default: true, description: 'off for load tests.' }),
  RATE_LIMIT_SIGN_IN: PerMinute(30, 'Registrations and sign-ins'),
  RATE_LIMIT_BUY: PerMinute(6_000, 'Purchases'),
  RATE_LIMIT_EVERYDAY: PerMinute(12_000, 'Other calls'),
  // As they stand in a browser's line of address; an origin has no slash at its end, and one that is pasted often has.
  CORS_ORIGINS: Type.Array(
    Type.String({
      pattern: '^https?://[^\\s/?#@,*]+/?$',
      description: 'web origins: scheme, host and port, no path',
    }),
    {
      default: [],
      description: 'Web origins whose pages may call, with commas: https://shop.example. None when empty.',
      examples: [['https://shop.example', 'http://localhost:3000']],
    },
  ),
  TRUST_PROXY: Type.Boolean({
    default: false,
    description: 'Believe x-forwarded-for. Only behind a proxy that sets it, for clients are told apart by it.',
  }),
  ...addresses,
})
