import type { ShopClient } from '../demo/shop-client.ts'
import { eachOf } from './each-of.ts'
import type { Bought } from './fire.ts'
import { pages } from './pages.ts'
import type { Product, Stage } from './prepare.ts'
import type { Purchase } from './wait-for-ends.ts'

/** What does not add up, in sentences: a completed purchase has its order, its payment and its stock, any other has none. */
export const check = async (
  { customer, products }: Stage,
  bought: readonly Bought[],
  purchases: readonly Purchase[],
): Promise<readonly string[]> => {
  const completed = purchases.filter(({ status }) => status === 'completed')
  return [
    ...(await checkStock(customer, products, bought, new Set(completed.map(({ purchase_id }) => purchase_id)))),
    ...(await checkOrders(customer, completed)),
    ...(await checkPayments(customer, purchases)),
  ]
}

const checkStock = async (
  customer: ShopClient,
  products: readonly Product[],
  bought: readonly Bought[],
  completed: ReadonlySet<string>,
): Promise<readonly string[]> => {
  const sold = new Map<string, number>()
  for (const { purchase_id, lines } of bought) {
    if (!completed.has(purchase_id)) continue
    for (const { product, quantity } of lines) sold.set(product.id, (sold.get(product.id) ?? 0) + quantity)
  }
  const complaints: string[] = []
  for (const { id, stock } of products) {
    const { product } = await customer.get<{ product: { inventory: number } }>(`/api/v1/products/${id}`)
    const expected = stock - (sold.get(id) ?? 0)
    if (product.inventory !== expected) complaints.push(`product ${id} has ${product.inventory} left, not ${expected}`)
  }
  return complaints
}

type Order = { readonly id: string; readonly status: string }

const checkOrders = async (customer: ShopClient, completed: readonly Purchase[]): Promise<readonly string[]> => {
  const orders = new Map<string, string>()
  for await (const { id, status } of pages<Order>(customer, '/api/v1/orders')) orders.set(id, status)
  const complaints = completed
    .filter(({ purchase_id }) => orders.get(purchase_id) !== 'completed')
    .map(({ purchase_id }) => `purchase ${purchase_id} is completed, its order is ${orders.get(purchase_id)}`)
  const paid = [...orders.values()].filter((status) => status === 'completed').length
  return paid === completed.length ? complaints : [...complaints, `${paid} orders for ${completed.length} purchases`]
}

type Payment = { readonly amount: number; readonly status: string }

const checkPayments = async (customer: ShopClient, purchases: readonly Purchase[]): Promise<readonly string[]> => {
  const complaints: string[] = []
  await eachOf(purchases, 32, async ({ purchase_id, status, amount }) => {
    if (status !== 'completed') return
    const payment = await customer.get<Payment>(`/api/v1/payments/${purchase_id}`)
    if (payment.status.toLowerCase() !== 'captured') complaints.push(`payment ${purchase_id} is ${payment.status}`)
    if (payment.amount !== amount) complaints.push(`payment ${purchase_id} took ${payment.amount}, not ${amount}`)
  })
  return complaints
}
