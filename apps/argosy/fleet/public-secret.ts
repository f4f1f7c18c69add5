import type { Mistake } from '@kit/config/config'
import { PUBLIC_SECRET } from '@services/payment/inspect'
import { isForTrial } from '../settings.ts'
import type { Settings } from '../settings.ts'

/**
 * Whoever can reach the shop and knows what its webhooks are signed with can say that an order is paid. So the secret that
 * everybody knows is for a whole shop on the loopback interface only: a payment service without its gateway cannot know who
 * reaches that.
 */
export const publicSecretIn = (
  /** The payment service's settings, where it runs. */
  payment: unknown,
  settings: Pick<Settings, 'HOST' | 'NODE_ENV'>,
  hasGateway: boolean,
): Mistake | undefined => {
  const secrets: unknown = Object(payment).PAYMENT_WEBHOOK_SECRETS
  const isPublic = Array.isArray(secrets) && secrets.includes(PUBLIC_SECRET)
  if (!isPublic || (hasGateway && isForTrial(settings))) return undefined
  return {
    name: 'PAYMENT_WEBHOOK_SECRETS',
    problem: 'the one in use is known to everybody: anybody could tell the shop that an order is paid',
    fix: 'Set PAYMENT_WEBHOOK_SECRETS to the provider\'s, or for the sandbox to "whsec_$(openssl rand -base64 32)".',
  }
}
