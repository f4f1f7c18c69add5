// Made from payment.proto: npm run check:procedures -- --write
import { procedure } from '@kit/rpc/procedure'

const proto = new URL('./payment.proto', import.meta.url)

export type TokenizeCardRequest = {
  readonly number: string
}

export type TokenizeCardResponse = {
  readonly token?: string
}

export const Payment = {
  TokenizeCard: procedure<TokenizeCardRequest, TokenizeCardResponse>({
    service: 'argosy.payment.v1.Payment',
    method: 'TokenizeCard',
    proto,
  }),
}
