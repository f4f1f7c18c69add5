import Type from 'typebox'

/** The catalogue's part of the environment. */
export const config = Type.Object({
  MARKETPLACE: Type.Enum(['open', 'curated'], {
    default: 'open',
    description: 'open: any account may create categories and sell products; curated: sellers and admins only.',
  }),
  STORE_CURRENCY: Type.String({
    default: 'USD',
    pattern: '^[A-Z]{3}$',
    description: 'The currency of new products (ISO 4217).',
  }),
})
