import { AuthorizedByProvider } from '@argosy/contracts/http/payment'
import { job } from '@kit/jobs/job'
import type { Static } from 'typebox'

export type HeardOf = Static<typeof AuthorizedByProvider>

/** An event of the provider that was acknowledged and is to be applied: money is held for a payment. */
export const ApplyWebhook = job('payment.apply-webhook', 'reference', AuthorizedByProvider)
