import { randomUUID } from 'node:crypto'
import type { ShopClient } from '../demo/shop-client.ts'

const PRODUCTS = 10
/** Minor units; product n costs n times as much. */
const PRICE = 125

export type Product = {
  readonly id: string
  readonly price: number
  readonly stock: number
  readonly currency_code: string
}
export type Stage = { readonly customer: ShopClient; readonly products: readonly Product[] }

/** Registers a seller and a customer of this run, and puts products on sale with enough stock for all purchases. */
export const prepare = async (shop: ShopClient, purchases: number): Promise<Stage> => {
  const run = randomUUID().slice(0, 8)
  const seller = await register(shop, `seller-${run}@shop.test`)
  const customer = await register(shop, `customer-${run}@shop.test`)
  const { category } = await seller.post<{ category: { id: string } }>('/api/v1/categories', {
    name: `Load ${run}`,
    description: 'Made by 1kpurchases.sh',
  })
  const stock = purchases * 2
  const products: Product[] = []
  for (let n = 1; n <= PRODUCTS; n++) {
    const price = PRICE * n
    const body = {
      category_id: category.id,
      name: `Crate ${n} ${run}`,
      brand_name: 'Load',
      description: '',
      price,
      inventory: stock,
    }
    const { product } = await seller.post<{ product: { id: string; currency_code: string } }>('/api/v1/products', body)
    products.push({ id: product.id, price, stock, currency_code: product.currency_code })
  }
  return { customer, products }
}

const register = async (shop: ShopClient, email: string): Promise<ShopClient> => {
  const { access_token } = await shop.post<{ access_token: string }>('/api/v1/account/register', {
    email,
    password: randomUUID(),
    first_name: 'Load',
    last_name: 'Test',
    address: '1 Harbour Street',
    phone_number: '+1 555 0100',
  })
  return shop.as(access_token)
}
