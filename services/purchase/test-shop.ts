import { Quote } from '@argosy/contracts/rpc/catalog'
import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import { implement } from '@kit/rpc/procedure'
import { slice } from '@kit/testing/slice'
import { purchase } from './service.ts'

export const ada = '01930000-0000-7000-8000-00000000000a'
export const eve = '01930000-0000-7000-8000-00000000000e'
export const lamp = '01930000-0000-7000-8000-0000000000c1'
export const fan = '01930000-0000-7000-8000-0000000000c2'
export const unknown = '01930000-0000-7000-8000-0000000000cf'

const products = [
  { id: lamp, owner_id: eve, name: 'Lamp', price: 1_250, currency_code: 'USD' },
  { id: fan, owner_id: eve, name: 'Fan', price: 50_000, currency_code: 'VND' },
]

const neighbours = [
  implement(Quote, async ({ product_ids }) => ({ products: products.filter(({ id }) => product_ids.includes(id)) })),
  implement(TokenizeCard, async ({ number }) => (number === '4000000000000002' ? { token: 'tok_decline' } : {})),
]

type Foundation = Parameters<typeof purchase.parts>[0]

/** The purchase service with its neighbours played, and what its own loops stand on. `quoted` hears of every quote. */
export const openShop = async ({ config = {}, quoted = () => {} }: ShopOptions = {}) => {
  let foundation: Foundation | undefined
  const watched: typeof purchase = {
    ...purchase,
    parts: (given) => {
      foundation = given
      return purchase.parts(given)
    },
  }
  const procedures = neighbours.map(({ procedure, handle }) => ({
    procedure,
    handle: (request: unknown, resources: Parameters<typeof handle>[1]) => {
      if (procedure === Quote) quoted()
      return handle(request, resources)
    },
  }))
  const shop = await slice(watched, { procedures, config })
  if (foundation === undefined) throw new Error('the service was not opened')
  return { ...shop, foundation }
}

type ShopOptions = { readonly config?: Readonly<Record<string, string>>; readonly quoted?: () => void }

type Shop = Awaited<ReturnType<typeof openShop>>

/** Ada buys two lamps, unless said otherwise. */
export const buy = (
  shop: Shop,
  { lines = [[lamp, 2]], as = ada, card, method, key, currency_code = 'USD' }: Buying = {},
): ReturnType<Shop['request']> =>
  shop.request('POST', '/api/v1/purchases', {
    as: { id: as },
    body: {
      order_items: lines.map(([product_id, quantity]) => ({ product_id, quantity })),
      payment: { currency_code, ...(card !== undefined && { card }), ...(method !== undefined && { method }) },
    },
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  })

type Buying = {
  readonly lines?: readonly (readonly [string, number])[]
  readonly as?: string
  readonly card?: string
  readonly method?: 'card' | 'transfer'
  readonly key?: string
  readonly currency_code?: string
}

/** Buys as above and returns the id; throws when the purchase was not accepted. */
export const bought = async (shop: Shop, buying: Buying = {}): Promise<string> => {
  const { status, body } = await buy(shop, buying)
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`)
  return (body as { purchase_id: string }).purchase_id
}
