import { event } from '@kit/message/message'
import Type from 'typebox'
import { Amount, CurrencyCode, Uuid } from '../fields.ts'

const product = {
  product_id: Uuid,
  category_id: Uuid,
  owner_id: Uuid,
  name: Type.String(),
  description: Type.String(),
  brand_name: Type.String(),
  price: Amount,
  currency_code: CurrencyCode,
}

export const ProductCreated = event('catalog.product-created.v1', 'product_id', Type.Object(product))
/** How a product is now; nothing need have changed of it. */
export const ProductUpdated = event('catalog.product-updated.v1', 'product_id', Type.Object(product))
export const ProductRemoved = event('catalog.product-removed.v1', 'product_id', Type.Object({ product_id: Uuid }))
