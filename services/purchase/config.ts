import { currencyCodes } from '@argosy/contracts/currency'
import { Decimals } from '@kit/config/decimals'
import { Duration } from '@kit/config/duration'
import Type from 'typebox'

/** The purchase service's part of the environment. */
export const config = Type.Object({
  EXCHANGE_RATES: Decimals({
    names: currencyCodes,
    called: 'an active currency of ISO 4217 with a minor unit',
    default: { USD: '1', EUR: '0.92', GBP: '0.79', JPY: '155', VND: '25400' },
    description: 'What one and the same sum is in each currency that the store takes; prices are converted by it.',
  }),
  PURCHASE_BACKLOG: Duration({
    default: '3s',
    minimum: '100ms',
    maximum: '10s',
    description: 'Purchases may be under way that the shop ends in this time, by what it has shown; more are refused.',
  }),
  PURCHASE_FLOOR: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'So many purchases may always be under way.',
  }),
})
