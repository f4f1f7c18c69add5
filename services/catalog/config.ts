import { currencyCodes } from '@argosy/contracts/currency'
import Type from 'typebox'

/** The catalogue's part of the environment. */
export const config = Type.Object({
  MARKETPLACE: Type.Enum(['open', 'curated'], {
    default: 'open',
    description: 'open: any account may create categories and sell products; curated: sellers and admins only.',
  }),
  STORE_CURRENCY: Type.String({
    default: 'USD',
    pattern: `^(${currencyCodes.join('|')})$`,
    description: 'The currency of new products: an active one of ISO 4217 with a minor unit.',
  }),
})
