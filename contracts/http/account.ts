import { endpoint } from '@kit/http/endpoint'
import type { Example } from '@kit/http/endpoint'
import Type from 'typebox'
import { Timestamp, Uuid } from '../fields.ts'

/** What access tokens say of themselves, and what their verifiers ask for. */
export const ACCESS_TOKEN = { issuer: 'argosy', audience: 'argosy' } as const

/**
 * The control characters, C0, DEL and C1, for use in brackets. Patterns are written so that the engines of other languages read
 * them: no `\p{…}`, no `\u…`, no look-around. Half a surrogate pair gets into no text: JSON bodies and addresses refuse it before.
 */
const CONTROL = '\\x00-\\x1f\\x7f-\\x9f'
const NO_MAILBOX = `\\s<>()\\[\\]\\\\,;:"@${CONTROL}`

/** One mailbox: no display name, no list, no white space (hence no header), and a domain with a dot. RFC 5321's length. */
const Email = Type.String({
  maxLength: 254,
  pattern: `^[^${NO_MAILBOX}]+@[^${NO_MAILBOX}.]+(\\.[^${NO_MAILBOX}.]+)+$`,
  'x-trim': true,
  description: 'An e-mail address. Capitals, and blanks around it, make no difference.',
})

/** Any letters, accents, spaces and marks, but something to see and no control characters. */
const Name = Type.String({ minLength: 1, maxLength: 100, pattern: `^[^\\S${CONTROL}]*[^\\s${CONTROL}][^${CONTROL}]*$` })
const Line = (maxLength: number) => Type.Optional(Type.String({ maxLength, pattern: `^[^${CONTROL}]*$` }))

const NewPassword = Type.String({
  format: 'password',
  minLength: 8,
  maxLength: 256,
  description: '8 to 256 characters, all of which count.',
})

export const NewAccount = Type.Object({
  email: Email,
  password: NewPassword,
  first_name: Name,
  last_name: Name,
  address: Line(500),
  phone_number: Line(40),
})

const Account = Type.Object({
  id: Uuid,
  first_name: Type.String(),
  last_name: Type.String(),
  email: Type.String(),
  address: Type.String(),
  phone_number: Type.String(),
  active: Type.Boolean({ description: 'Whether the e-mail address has been verified.' }),
  updated_at: Timestamp,
  created_at: Timestamp,
})

const SignedIn = Type.Object({
  access_token: Type.String({ description: 'A JWT for the Authorization header, valid for 15 minutes.' }),
  refresh_token: Type.String({ description: 'Trades for the next pair of tokens, once, within 30 days.' }),
  session_id: Uuid,
  account: Account,
})

export const Register = endpoint({
  method: 'POST',
  path: '/api/v1/account/register',
  summary: 'Opens an account, signs it in, and sends a verification code by mail.',
  audience: 'anyone',
  body: NewAccount,
  answer: SignedIn,
  status: 201,
  problems: ['email-taken', 'busy'],
  examples: {
    customer: {
      body: {
        email: 'grace@example.test',
        password: 'a-ship-in-port-is-safe',
        first_name: 'Grace',
        last_name: 'Hopper',
        address: '1 Harbour Street',
        phone_number: '+1 555 0101',
      },
    },
  },
})

const signIn = (email: string): Example => ({ body: { email, password: 'argosy-demo' } })

/** The accounts of the demo shop. */
const signIns = {
  customer: signIn('ada@demo.test'),
  seller: signIn('sam@demo.test'),
  admin: signIn('admin@demo.test'),
}

export const LogIn = endpoint({
  method: 'POST',
  path: '/api/v1/account/login',
  summary: 'Signs in with e-mail and password. An unknown e-mail and a wrong password are answered alike.',
  audience: 'anyone',
  body: Type.Object({
    email: Type.String({ maxLength: 1000, 'x-trim': true }),
    password: Type.String({ maxLength: 1000, format: 'password' }),
  }),
  answer: SignedIn,
  problems: ['sign-in-failed', 'busy'],
  examples: signIns,
})

export const Refresh = endpoint({
  method: 'POST',
  path: '/api/v1/account/refresh',
  summary: 'Trades a refresh token for the next pair of tokens. Using a token again later ends its session.',
  audience: 'anyone',
  body: Type.Object({ refresh_token: Type.String({ minLength: 1, maxLength: 1000 }) }),
  answer: SignedIn,
  problems: ['refresh-token-refused'],
  examples: { session: { body: { refresh_token: '{refresh_token}' } } },
})

export const LogOut = endpoint({
  method: 'POST',
  path: '/api/v1/account/logout',
  summary: "Ends the access token's session: its refresh tokens are worth nothing from now on.",
  audience: 'account',
  answer: Type.Object({ session_id: Uuid }),
})

export const ShowPersonal = endpoint({
  method: 'GET',
  path: '/api/v1/account/personal',
  summary: "Shows the caller's own account.",
  audience: 'account',
  answer: Type.Object({ account: Account }),
  aliases: [
    { method: 'POST', path: '/api/v1/account/personal' },
    { method: 'GET', path: '/api/v1/account/customer/personal' },
    { method: 'POST', path: '/api/v1/account/customer/personal' },
  ],
})

export const Verify = endpoint({
  method: 'POST',
  path: '/api/v1/account/verify',
  summary: "Verifies the caller's e-mail address with the code from the mail.",
  audience: 'account',
  body: Type.Object({ code: Type.String({ pattern: '^[0-9]{6}$', 'x-trim': true, description: 'The six digits.' }) }),
  answer: Type.Object({ account: Account }),
  problems: ['wrong-code', 'code-expired', 'too-many-tries'],
  examples: { code: { body: { code: '123456' } } },
})

export const ResendVerification = endpoint({
  method: 'POST',
  path: '/api/v1/account/verify/resend',
  summary: 'Sends a new verification code, at most once a minute. The code before is worth nothing then.',
  audience: 'account',
  answer: Type.Object({ expires_at: Timestamp }),
  status: 202,
  problems: ['already-verified', 'code-sent-recently'],
})

export const SignInWithGoogle = endpoint({
  method: 'GET',
  path: '/api/v1/account/google/login',
  summary: 'Sends the browser to Google (or the configured OpenID provider) to sign in there.',
  audience: 'anyone',
  // A link that people follow: who counts clicks may have added something.
  query: Type.Object({}, { additionalProperties: true }),
  answer: Type.Object({ location: Type.String() }),
  status: 307,
  problems: ['provider-not-configured'],
  answerHeaders: Type.Object({ Location: Type.String({ description: 'The page of the provider.' }) }),
})

export const ReturnFromGoogle = endpoint({
  method: 'GET',
  path: '/api/v1/account/google/callback',
  summary: 'Where the provider sends the browser back to; answers as a sign-in does.',
  audience: 'anyone',
  query: Type.Object(
    {
      code: Type.Optional(Type.String({ maxLength: 4096 })),
      state: Type.Optional(Type.String({ maxLength: 200 })),
      iss: Type.Optional(Type.String({ maxLength: 1000 })),
      error: Type.Optional(Type.String({ maxLength: 200 })),
    },
    // Providers send more (scope, prompt, hd …), which a client must pass over: RFC 6749, section 4.1.2.
    { additionalProperties: true },
  ),
  headers: Type.Object({
    Cookie: Type.Optional(Type.String({ description: 'What the browser was given when it was sent to the provider.' })),
  }),
  answer: SignedIn,
  problems: ['provider-not-configured', 'provider-refused', 'email-taken', 'email-not-verified'],
})

export const PublishKeys = endpoint({
  method: 'GET',
  path: '/.well-known/jwks.json',
  summary: 'The public keys that access tokens are verified with (RFC 7517).',
  audience: 'anyone',
  answer: Type.Object({
    keys: Type.Array(
      Type.Object({
        kty: Type.Literal('OKP'),
        crv: Type.Literal('Ed25519'),
        x: Type.String(),
        kid: Type.String(),
        alg: Type.Literal('EdDSA'),
        use: Type.Literal('sig'),
      }),
    ),
  }),
  aliases: [{ method: 'GET', path: '/api/v1/account/jwks' }],
})
