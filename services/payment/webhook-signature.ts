import { createHmac, timingSafeEqual } from 'node:crypto'

/** The three headers of a signed webhook (Standard Webhooks 1.0). */
export type SignedHeaders = {
  readonly 'webhook-id': string
  /** Seconds since 1970. */
  readonly 'webhook-timestamp': string
  /** `v1,<base64>`, several with a space between them. */
  readonly 'webhook-signature': string
}

/** A webhook whose signature holds. */
export type Signed = { readonly id: string; readonly signedAt: Date }

/** How far the sender's clock and the way may be off, in s. */
const TOLERANCE = 300

/** Signs a body as it is sent. */
export const sign = (secret: string, id: string, at: Date, body: string): SignedHeaders => {
  const timestamp = String(Math.floor(at.getTime() / 1_000))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${digest(secret, id, timestamp, body).toString('base64')}`,
  }
}

/**
 * What was signed, when the signature is by one of the secrets and not older or newer than five minutes; else why not. `body`
 * is what arrived, to the byte: the same JSON written in another way is another body.
 */
export const verify = (
  headers: { readonly [Name in keyof SignedHeaders]: string | undefined },
  body: string,
  secrets: readonly string[],
  now: Date,
): Signed | { readonly wrong: string } => {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signatures = headers['webhook-signature']
  if (typeof id !== 'string' || !/^[!-~]{1,200}$/.test(id)) return { wrong: 'webhook-id must be one id' }
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp))
    return { wrong: 'webhook-timestamp must be seconds since 1970' }
  if (typeof signatures !== 'string') return { wrong: 'webhook-signature is missing' }
  // Before the time is judged: who cannot sign learns nothing of our clock.
  const expected = secrets.map((secret) => digest(secret, id, timestamp, body))
  const given = signatures.split(' ').slice(0, MOST_SIGNATURES)
  if (!given.some((signature) => expected.some((digest) => isSignature(signature, digest))))
    return { wrong: 'webhook-signature is not by a secret of ours over this id, time and body' }
  const signedAt = new Date(Number(timestamp) * 1_000)
  if (Math.abs(now.getTime() - signedAt.getTime()) > TOLERANCE * 1_000)
    return { wrong: 'webhook-timestamp is more than five minutes off' }
  return { id, signedAt }
}

/** Enough for a rotation on both sides. */
const MOST_SIGNATURES = 8

const digest = (secret: string, id: string, timestamp: string, body: string): Buffer =>
  createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest()

/** Takes as long for a signature that is nearly right as for any other of its length. */
const isSignature = (signature: string, digest: Buffer): boolean => {
  const [version, base64 = ''] = signature.split(',', 2)
  const bytes = Buffer.from(base64, 'base64')
  return version === 'v1' && bytes.length === digest.length && timingSafeEqual(bytes, digest)
}
