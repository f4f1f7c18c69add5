import { Duration } from '@kit/config/duration'
import Type from 'typebox'

/** The account service's part of the environment. */
export const config = Type.Object({
  JWT_PRIVATE_KEY: Type.Optional(
    Type.String({
      secret: true,
      pattern: '^\\s*\\{[^]*\\}\\s*$',
      description:
        'The Ed25519 key that signs access tokens, as a JWK with d; or a JWK set, whose first key signs. Made and kept in the database when absent.',
    }),
  ),
  ACCESS_TOKEN_LIFETIME: Duration({ default: '15m', minimum: '1s', description: 'How long an access token is valid.' }),
  REFRESH_TOKEN_LIFETIME: Duration({
    default: '30d',
    minimum: '1m',
    description: 'How long a refresh token is valid.',
  }),
  PASSWORD_HASHERS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 4,
    description: 'Passwords hashed at the same time, each on a core of its own with 19 MiB.',
  }),
  PASSWORD_QUEUE: Type.Integer({
    default: 64,
    minimum: 1,
    maximum: 10_000,
    description: 'Sign-ins that may wait for a hasher; more are told to come back.',
  }),
})
