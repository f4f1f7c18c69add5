import { ProviderSilent } from '@argosy/contracts/messages/payment'
import type { Decision } from './decision.ts'
import type { Payment } from './payment.ts'

/**
 * What it leads to that the provider leaves a call unanswered for too long. The payment stands as before, for the
 * outcome is unknown; whoever waits for it is told. Nobody is while money is being given back, which must be finished,
 * nor for a card that is tried for what is paid later: another may be tried once the outcome is known.
 */
export const fallSilent = (payment: Payment, purchase_id: string): Decision => {
  switch (payment.state) {
    case 'authorizing':
      if (payment.tries !== undefined) return { payment }
      return { payment, reply: ProviderSilent({ purchase_id, operation: 'authorize' }) }
    case 'capturing':
      return { payment, reply: ProviderSilent({ purchase_id, operation: 'capture' }) }
    case 'absent':
    case 'pending':
    case 'cancelling':
    case 'declined':
    case 'authorized':
    case 'captured':
    case 'uncaptured':
    case 'returning':
    case 'voiding':
    case 'refunding':
    case 'voided':
    case 'refunded':
      return { payment }
  }
}
