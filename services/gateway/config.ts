import { httpVariableOf, serviceNames } from '@argosy/contracts/services'
import type { HttpVariable } from '@argosy/contracts/services'
import { Addresses } from '@kit/config/addresses'
import Type from 'typebox'

const At = (service: string) =>
  Type.Optional(
    Addresses({
      schemes: ['http', 'https'],
      description: `Where the instances of the ${service} service answer, when they are processes of their own.`,
      example: ['http://127.0.0.1:7001', 'http://127.0.0.1:7011'],
    }),
  )

const addresses = Object.fromEntries(serviceNames.map((name) => [httpVariableOf(name), At(name)])) as Readonly<
  Record<HttpVariable, ReturnType<typeof At>>
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
