import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'email-taken': { status: 409, title: 'An account with this e-mail address exists' },
  'sign-in-failed': { status: 401, title: 'E-mail address or password is wrong' },
  'refresh-token-refused': { status: 401, title: 'This refresh token is not accepted' },
  'wrong-code': { status: 422, title: 'The verification code is wrong' },
  'code-expired': { status: 422, title: 'The verification code has expired' },
  'too-many-tries': { status: 429, title: 'The verification code was tried too often' },
  'already-verified': { status: 409, title: 'The e-mail address is verified already' },
  'code-sent-recently': { status: 429, title: 'A verification code was sent a moment ago' },
  'provider-not-configured': { status: 501, title: 'This way to sign in is not set up here' },
  'provider-refused': { status: 401, title: 'The provider did not confirm who you are' },
  'email-not-verified': { status: 403, title: 'The provider has not verified your e-mail address' },
  busy: { status: 503, title: 'More is asked for than can be done' },
} satisfies Problems
