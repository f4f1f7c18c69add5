import { Duration } from '@kit/config/duration'
import Type from 'typebox'

/** The account service's part of the environment. */
export const config = Type.Object({
  JWT_PRIVATE_KEY: Type.Optional(
    Type.String({
      secret: true,
      pattern: '^\\s*\\{[^]*\\}\\s*$',
      examples: ['{"kty":"OKP","crv":"Ed25519","x":"…","d":"…"}'],
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
  OIDC_ISSUER: Type.String({
    default: 'https://accounts.google.com',
    pattern: '^https?://[^\\s?#]+$',
    description: 'The OpenID provider that people may sign in with.',
  }),
  OIDC_CLIENT_ID: Type.Optional(
    Type.String({ description: 'The client id that the provider gave this shop; without one, no such sign-in.' }),
  ),
  OIDC_CLIENT_SECRET: Type.Optional(Type.String({ secret: true, description: 'The secret that came with it.' })),
  OIDC_REDIRECT_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s?#]+$',
      examples: ['https://shop.example/api/v1/account/google/callback'],
      description:
        'Where the provider sends browsers back to; must be registered with the provider, letter by letter. When absent http://localhost:8080/api/v1/account/google/callback, with the port that the shop listens on.',
    }),
  ),
})
