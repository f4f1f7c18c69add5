import { procedure } from '@kit/rpc/procedure'

/** Trades card data for the provider's token, which alone may be stored and sent. An unknown card has no token. */
export const TokenizeCard = procedure<{ readonly number: string }, { readonly token?: string }>({
  service: 'argosy.payment.v1.Payment',
  method: 'TokenizeCard',
  proto: new URL('../proto/payment.proto', import.meta.url),
})
