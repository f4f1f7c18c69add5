import { assortment } from './assortment.ts'
import type { DemoProduct } from './assortment.ts'
import { demoPassword, people } from './people.ts'
import type { DemoPerson } from './people.ts'
import type { ShopClient } from './shop-client.ts'

type SignedIn = { readonly access_token: string; readonly account: { readonly id: string } }

type OnSale = { readonly id: string; readonly currency_code: string }

/** What the demo shop has, for the first purchase. */
export type DemoShop = {
  readonly categories: number
  readonly customer: ShopClient
  readonly products: readonly OnSale[]
}

/** Whether nothing is on sale yet: only then is the shop filled. */
export const isEmpty = async (shop: ShopClient): Promise<boolean> =>
  (await shop.get<{ data: readonly unknown[] }>('/api/v1/products?limit=1')).data.length === 0

/**
 * Fills an empty shop over its public API, as clients would: accounts, categories, products with stock. Roles are not
 * for the API to give: `grant` does that.
 */
export const openShop = async (
  shop: ShopClient,
  grant: (email: string, role: DemoPerson['role']) => Promise<void>,
): Promise<DemoShop> => {
  const [customer] = await Promise.all([
    register(shop, people.customer),
    register(shop, people.seller),
    register(shop, people.admin),
  ])
  await grant(people.seller.email, 'seller')
  await grant(people.admin.email, 'admin')
  // Roles are in the token: the seller signs in again to have it.
  const seller = await signIn(shop, people.seller)
  const shelves = await Promise.all(
    assortment.map(async ({ products, ...category }) => {
      const { category: made } = await seller.post<{ category: { id: string } }>('/api/v1/categories', category)
      return Promise.all(products.map((product) => putOnSale(seller, made.id, product)))
    }),
  )
  return { categories: assortment.length, customer: shop.as(customer.access_token), products: shelves.flat() }
}

const register = (shop: ShopClient, { email, first_name, last_name }: DemoPerson): Promise<SignedIn> =>
  shop.post('/api/v1/account/register', {
    email,
    first_name,
    last_name,
    password: demoPassword,
    address: '1 Harbour Street',
    phone_number: '+1 555 0100',
  })

export const signIn = async (shop: ShopClient, { email }: DemoPerson): Promise<ShopClient> => {
  const { access_token } = await shop.post<SignedIn>('/api/v1/account/login', { email, password: demoPassword })
  return shop.as(access_token)
}

const putOnSale = async (seller: ShopClient, category_id: string, product: DemoProduct): Promise<OnSale> => {
  const { name, brand, price, stock, description } = product
  const body = { category_id, name, brand_name: brand, price, inventory: stock, description }
  const answer = await seller.post<{ product: OnSale }>('/api/v1/products', body)
  return answer.product
}
