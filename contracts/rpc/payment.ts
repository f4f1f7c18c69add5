import { Payment } from '../proto/payment.ts'

/** Trades card data for the provider's token, which alone may be stored and sent. An unknown card has no token. */
export const { TokenizeCard } = Payment
