import { signIn } from './open-shop.ts'
import { people } from './people.ts'
import type { ShopClient } from './shop-client.ts'

type OnSale = { readonly id: string; readonly currency_code: string }

/** Buys something as the demo's customer, to be paid by transfer, and never pays. Returns the id of the order. */
export const leaveUnpaid = async (shop: ShopClient): Promise<string> => {
  const customer = await signIn(shop, people.customer)
  const { data } = await shop.get<{ data: readonly OnSale[] }>('/api/v1/products?limit=1')
  const [product] = data
  const { purchase_id } = await customer.post<{ purchase_id: string }>('/api/v1/purchases', {
    order_items: [{ product_id: product?.id, quantity: 1 }],
    payment: { currency_code: product?.currency_code, method: 'transfer' },
  })
  return purchase_id
}
