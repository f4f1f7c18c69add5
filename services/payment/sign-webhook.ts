import type { ProviderEvent } from './provider.ts'
import { sign } from './webhook-signature.ts'
import type { SignedHeaders } from './webhook-signature.ts'

/** A webhook, ready to be posted. */
export type Delivery = { readonly headers: SignedHeaders; readonly body: string }

/** The event as the sandbox sends it, signed with the first secret. The same event is the same bytes, whenever it is told. */
export const signWebhook = (event: ProviderEvent, id: string, secrets: readonly string[], now: Date): Delivery => {
  const body = JSON.stringify(event)
  return { headers: sign(secrets[0] ?? '', `evt_${id}`, now, body), body }
}
