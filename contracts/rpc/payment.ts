import { procedure } from '@kit/rpc/procedure'
import { Payment } from '../proto/payment.ts'

/**
 * Trades card data for the provider's token, which alone may be stored and sent. An unknown card has no token; one asked for twice has
 * two, of which one is never used.
 */
export const TokenizeCard = procedure({ ...Payment.TokenizeCard, repeatable: true })
