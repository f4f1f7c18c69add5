import Type from 'typebox'

/** In lower case here; the kit takes capitals from callers and makes them small. */
export const Uuid = Type.String({
  'x-lower-case': true,
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
})

/** ISO 4217, three capitals. Which of them are sold in is checked where one comes in: what was kept stays readable. */
export const CurrencyCode = Type.String({ pattern: '^[A-Z]{3}$' })

/** A whole number of the currency's minor unit (cents; VND has none, so dong). */
export const Amount = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 })

export const Quantity = Type.Integer({ minimum: 1, maximum: 1_000_000 })

/** Of one of a line. */
export const ShownPrice = {
  ...Amount,
  description: 'Of one. When it was converted it is rounded, and only shown: what is paid is the amount of the line.',
}

/** Of all of a line. */
export const LineAmount = {
  ...Amount,
  description:
    'What the line costs: price * quantity. Of a price in another currency that product is converted and then rounded, half up and never to nothing.',
}

/** RFC 3339, UTC. */
export const Timestamp = Type.String({ format: 'date-time' })

/** `card`: at once. `transfer`: later, the order waits for it. */
export const PaymentMethod = Type.Enum(['card', 'transfer'])

/**
 * What was bought, at the price agreed when the purchase was accepted. What a line costs is its amount (`line.ts`): a
 * sum that was converted is rounded once, so it need not be the price for each of the quantity.
 */
export const PricedLine = Type.Object({
  product_id: Uuid,
  name: Type.String(),
  price: ShownPrice,
  quantity: Quantity,
  /** Absent: price * quantity. */
  amount: Type.Optional(Amount),
  /** Whose product it is; absent in purchases from before sellers were kept. */
  seller_id: Type.Optional(Uuid),
})

/** 12 to 19 digits (ISO/IEC 7812), in groups if one likes. */
export const CardNumber = Type.String({
  pattern: '^[0-9]([ -]?[0-9]){11,18}$',
  'x-trim': true,
  description: 'The number of the card. Traded for a token at once; neither stored nor logged.',
})
