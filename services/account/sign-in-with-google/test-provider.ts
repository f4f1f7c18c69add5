import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Clock } from '@kit/platform/platform'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'

/** What the provider says of the person, and how it misbehaves. */
export type Script = {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly alg?: 'RS256' | 'none' | 'foreign'
  readonly down?: boolean
}

/** An OpenID provider on the loopback interface that says what the test tells it to. */
export const openTestProvider = async () => {
  let clock: Clock = { now: () => new Date() }
  const mine = await generateKeyPair('RS256', { extractable: true })
  const foreign = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(mine.publicKey)), kid: 'idp', alg: 'RS256', use: 'sig' }
  let script: Script = {}
  /** Codes given out, each with what its sign-in asked for. */
  const codes = new Map<string, URLSearchParams>()
  let issuer = ''

  const idToken = (asked: URLSearchParams): Promise<string> | string => {
    const now = Math.floor(clock.now().getTime() / 1000)
    const claims = {
      iss: issuer,
      aud: asked.get('client_id') ?? '',
      sub: 'subject-1',
      nonce: asked.get('nonce'),
      iat: now,
      exp: now + 300,
      email: 'ada@idp.test',
      email_verified: true,
      given_name: 'Ada',
      family_name: 'Lovelace',
      ...script.claims,
    }
    if (script.alg === 'none') return new UnsecuredJWT(claims).encode()
    const key = script.alg === 'foreign' ? foreign.privateKey : mine.privateKey
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'idp' }).sign(key)
  }

  const redeem = async (request: IncomingMessage): Promise<unknown> => {
    const form = new URLSearchParams(await text(request))
    const code = form.get('code') ?? ''
    const asked = codes.get(code)
    // A code is good once, and only with the secret that its sign-in was begun with.
    codes.delete(code)
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const fits = asked?.get('code_challenge') === challenge && asked.get('redirect_uri') === form.get('redirect_uri')
    return asked !== undefined && fits && form.get('client_secret') === 'shop-secret'
      ? { id_token: await idToken(asked), access_token: 'x', token_type: 'Bearer' }
      : undefined
  }

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    switch (request.url ?? '') {
      case '/.well-known/openid-configuration':
        return {
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
        }
      case '/keys':
        return { keys: [jwk] }
      case '/token':
        return redeem(request)
      default:
        return undefined
    }
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await answer(request)
    const status = body === undefined ? 400 : 200
    response.writeHead(script.down === true ? 503 : status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? { error: 'invalid_grant' }))
  }
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    issuer,
    /** The time of its tokens. */
    follow: (other: Clock) => {
      clock = other
    },
    play: (next: Script) => {
      script = next
    },
    /** What happens in the browser at the provider: the person agrees, and is sent back with these parameters. */
    agree: (location: string) => {
      const asked = new URL(location).searchParams
      const code = `code-${codes.size + 1}-${asked.get('state')}`
      codes.set(code, asked)
      return { code, state: asked.get('state') ?? '' }
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
