import type { GetProduct } from '@argosy/contracts/http/catalog'
import type { ProductUpdated } from '@argosy/contracts/messages/catalog'
import type { AnswerOf } from '@kit/http/endpoint'
import type { DataOf } from '@kit/message/message'
import { refuse } from '@kit/problem/refusal'

type Product = AnswerOf<typeof GetProduct>['product']

/** A product as it is stored: what is shown of it, and what only we know. Its columns: product-columns.sql. */
export type ProductRow = Readonly<
  Omit<Product, 'seller_id' | 'id_account' | 'inventory' | 'created_at' | 'updated_at'>
> & {
  readonly owner_id: string
  /** Counts the changes. */
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

/** A product as it is shown, with what can be bought of it when that is known. */
export const shown = ({ owner_id, version: _, ...product }: ProductRow, inventory?: number): Product => ({
  ...product,
  seller_id: owner_id,
  id_account: owner_id,
  ...(inventory !== undefined && { inventory }),
  created_at: product.created_at.toISOString(),
  updated_at: product.updated_at.toISOString(),
})

/** A product as it is told to other services. */
export const told = (product: ProductRow): DataOf<typeof ProductUpdated> => ({
  product_id: product.id,
  category_id: product.category_id,
  owner_id: product.owner_id,
  name: product.name,
  description: product.description,
  brand_name: product.brand_name,
  price: product.price,
  currency_code: product.currency_code,
})

/**
 * The entity tag of what is shown: the product's version, then its stock, which moves without a change of the product.
 * If-Match therefore asks for the version only.
 */
export const tagOf = ({ version }: ProductRow, inventory: number | undefined): string =>
  inventory === undefined ? `${version}` : `${version}.${inventory}`

export const productNotFound = (id: string) => refuse('product-not-found', { detail: `There is no product ${id}.` })

export const unknownCategory = (id: string) =>
  refuse('unknown-category', {
    detail: `There is no category ${id}.`,
    errors: [{ pointer: '/category_id', detail: 'is not the id of a category' }],
  })
