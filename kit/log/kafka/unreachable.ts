import { innermost, Misfit, reasonIn } from './errors.ts'
import type { Address } from './url.ts'

type Finding = { readonly found: (brokers: string, address: Address) => string; readonly fix: string }

/** Codes of certificates whose signer is not known here. */
const UNSIGNED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

const userIn = ({ client: { sasl } }: Address): string =>
  typeof sasl?.username === 'string' ? sasl.username : 'nobody'

/** The brokers cannot be used for what `error` says: what is wrong, and the one thing to change. */
export const unreachable = (address: Address, error: unknown): Misfit => {
  const brokers = address.client.bootstrapBrokers
    .map((one) => (typeof one === 'string' ? one : `${one.host}:${one.port}`))
    .join()
  const { found, fix } = refused(error) ?? encryption(address, error) ?? other(error)
  return new Misfit(found(brokers, address), fix, error)
}

/** What the brokers themselves have against it. */
const refused = (error: unknown): Finding | undefined => {
  switch (String(Object(innermost(error)).apiId)) {
    case 'SASL_AUTHENTICATION_FAILED':
      return {
        found: (brokers, address) => `Kafka at ${brokers} does not let ${userIn(address)} in with this password`,
        fix: 'check the user and the password in LOG_URL',
      }
    case 'UNSUPPORTED_SASL_MECHANISM':
      return mechanism(mechanismsIn(error))
    case 'ILLEGAL_SASL_STATE':
      return {
        found: (brokers) => `Kafka at ${brokers} knows no users`,
        fix: 'leave user and password out of LOG_URL, or name the port for those who have them',
      }
    case 'TOPIC_AUTHORIZATION_FAILED':
    case 'CLUSTER_AUTHORIZATION_FAILED':
      return {
        found: (brokers, address) => `Kafka at ${brokers} does not show ${userIn(address)} its topics`,
        fix: 'give it the rights that docs/guide/kafka.md lists',
      }
    default:
      return undefined
  }
}

const mechanism = (known: readonly string[]): Finding => ({
  found: (brokers, { client: { sasl } }) =>
    `Kafka at ${brokers} does not take ${sasl?.mechanism}${known.length > 0 ? ` but ${known.join(', ')}` : ''}`,
  fix: `end LOG_URL with ?sasl=${known.at(-1)?.toLowerCase() ?? 'scram-sha-256'}`,
})

/** Who encrypts and who does not, and whose certificate is not believed. */
const encryption = ({ client: { tls, sasl } }: Address, error: unknown): Finding | undefined => {
  const reason = reasonIn(error)
  const code: unknown = Object(innermost(error)).code
  if (UNSIGNED.has(String(code)))
    return {
      found: (brokers) => `nobody known here has signed the certificate of Kafka at ${brokers} (${reason})`,
      fix: 'set LOG_CA to the file (PEM) of who has signed it',
    }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      found: (brokers) => `the certificate of Kafka at ${brokers} is one for other hosts (${reason})`,
      fix: 'name the brokers in LOG_URL as their certificates do',
    }
  if (/certificate required/.test(reason))
    return {
      found: (brokers) => `Kafka at ${brokers} wants to see a certificate`,
      fix: 'set LOG_CERT and LOG_KEY to the files (PEM) with yours and its key',
    }
  if (tls === undefined && /requires TLS/.test(reason))
    return { found: (brokers) => `Kafka at ${brokers} wants TLS`, fix: 'begin LOG_URL with kafkas:' }
  if (tls !== undefined && /disconnected before secure TLS|wrong version number|packet length too long/.test(reason))
    return { found: (brokers) => `Kafka at ${brokers} does not speak TLS`, fix: 'begin LOG_URL with kafka:' }
  if (!/Connection closed/.test(reason)) return undefined
  return {
    found: (brokers) => `Kafka at ${brokers} hangs up at once`,
    fix:
      sasl === undefined
        ? 'put the user and the password that it wants into LOG_URL'
        : 'begin LOG_URL with kafkas: if it wants TLS, or name another port',
  }
}

const other = (error: unknown): Finding => ({
  found: (brokers) => `Kafka cannot be used at ${brokers}: ${reasonIn(error)}`,
  fix: 'start the brokers, or check the hosts and the ports in LOG_URL',
})

/** What a broker would take instead, as its answer says. */
const mechanismsIn = (error: unknown): readonly string[] => {
  let inner = error
  for (let depth = 0; depth < 8 && inner instanceof Error; depth++) {
    const mechanisms: unknown = Object(inner).response?.mechanisms
    if (Array.isArray(mechanisms)) return mechanisms.map(String)
    inner = inner instanceof AggregateError ? inner.errors.at(-1) : inner.cause
  }
  return []
}
