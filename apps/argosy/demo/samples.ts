import type { Placeholder } from '@argosy/contracts/examples'
import { signIn } from './open-shop.ts'
import { people } from './people.ts'
import { ShopClient } from './shop-client.ts'

/** What examples in the API's description stand on. */
type Samples = Readonly<Partial<Record<Placeholder, string>>>

type Page<Item> = { readonly data: readonly Item[] }
type OnSale = { readonly id: string; readonly category_id: string }
type Order = { readonly id: string; readonly status: string; readonly payment_method: string }
type Message = { readonly id: string }

/**
 * Finds them as the demo's customer does, over the API of the shop, whose address is undefined until it listens. What is not
 * there now is left out.
 */
export const findingSamples = (address: () => string | undefined, signal: AbortSignal): (() => Promise<Samples>) => {
  // Tokens end: who is refused signs in anew at the next question.
  let customer: Promise<ShopClient> | undefined
  const ordersOfCustomer = async (shop: ShopClient): Promise<Samples> => {
    try {
      return await ordersIn(await (customer ??= signIn(shop, people.customer)))
    } catch (error) {
      customer = undefined
      throw error
    }
  }
  return async () => {
    const base = address()
    if (base === undefined) return {}
    const shop = new ShopClient(base, signal)
    const found = await Promise.allSettled([onSale, message, reminder, ordersOfCustomer].map((find) => find(shop)))
    return Object.assign({}, ...found.map((one) => (one.status === 'fulfilled' ? one.value : {})))
  }
}

/** The first product that the demo's seller has put on sale. */
const onSale = async (shop: ShopClient): Promise<Samples> => {
  const { data } = await shop.get<Page<OnSale>>('/api/v1/products?limit=1&sort=created_at')
  const [product] = data
  return product === undefined ? {} : { product_id: product.id, category_id: product.category_id }
}

const message = async (shop: ShopClient): Promise<Samples> => {
  const { data } = await shop.get<Page<Message>>('/api/v1/mailbox?limit=1')
  return data[0] === undefined ? {} : { message_id: data[0].id }
}

const reminder = async (shop: ShopClient): Promise<Samples> => {
  const { data } = await shop.get<Page<Message>>('/api/v1/mailbox?limit=1&template=payment-reminder')
  if (data[0] === undefined) return {}
  const found = await shop.get<{ message: { text: string } }>(`/api/v1/mailbox/${data[0].id}`)
  const token = /\/unsubscribe\/([\w.-]+)/.exec(found.message.text)?.[1]
  return token === undefined ? {} : { unsubscribe_token: token }
}

const ordersIn = async (customer: ShopClient): Promise<Samples> => {
  const { data } = await customer.get<Page<Order>>('/api/v1/orders?limit=100')
  const unpaid = data.filter(({ status, payment_method }) => status === 'pending' && payment_method === 'transfer')
  const bought = data.find(({ status }) => status === 'completed' || status === 'partially-refunded')
  const [newest, oldest] = [unpaid[0], unpaid.at(-1)]
  return {
    ...(bought !== undefined && { purchase_id: bought.id }),
    ...(newest !== undefined && { newest_unpaid_id: newest.id }),
    ...(oldest !== undefined && { oldest_unpaid_id: oldest.id }),
  }
}
