import Type from 'typebox'
import type { Static } from 'typebox'
import { Check } from 'typebox/value'

export type ProviderSettings = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** Where the provider sends browsers back to. */
  readonly redirectUrl: string
}

const Discovered = Type.Object({
  issuer: Type.String(),
  authorization_endpoint: Type.String(),
  token_endpoint: Type.String(),
  jwks_uri: Type.String(),
})
export type Endpoints = Static<typeof Discovered>

/** Where a provider's endpoints are (OpenID Connect Discovery 1.0). Throws when it cannot be reached or is another one. */
export const discover = async (issuer: string): Promise<Endpoints> => {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, limits())
  const found: unknown = await response.json()
  if (!response.ok || !Check(Discovered, found) || found.issuer !== issuer) {
    throw new Error(`${issuer} does not describe itself as an OpenID provider`)
  }
  return found
}

/** Trades the code for an identity token. Throws when the provider cannot be reached. */
export const redeem = async (
  endpoint: string,
  { clientId, clientSecret, redirectUrl }: ProviderSettings,
  code: string,
  verifier: string,
): Promise<string> => {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUrl,
    client_id: clientId,
    code_verifier: verifier,
    ...(clientSecret !== undefined && { client_secret: clientSecret }),
  })
  const response = await fetch(endpoint, { ...limits(), method: 'POST', body: form })
  if (response.status >= 500) throw new Error(`the provider answered ${response.status}`)
  const answer: unknown = response.ok ? await response.json() : undefined
  return Check(Type.Object({ id_token: Type.String() }), answer) ? answer.id_token : 'refused'
}

/** A provider that has nothing to say in time or sends us elsewhere is as good as down. */
const limits = (): RequestInit => ({ signal: AbortSignal.timeout(5_000), redirect: 'error' })
