import Type from 'typebox'

/** The purchase service's part of the environment. */
export const config = Type.Object({
  EXCHANGE_RATES: Type.Record(Type.String({ pattern: '^[A-Z]{3}$' }), Type.Number({ exclusiveMinimum: 0 }), {
    additionalProperties: false,
    default: { USD: 1, EUR: 0.92, GBP: 0.79, JPY: 155, VND: 25_400 },
    description: 'What one and the same sum is in each currency that the store takes; prices are converted by it.',
  }),
})
