import type { Person, Product } from '../../fleet/shop.ts'
import { beginSteadily } from '../steadily.ts'
import type { Accepted } from '../steady-load.ts'
import type { Asked, Told } from './client.ts'

export type Calls = AsyncDisposable & {
  /** How many were answered. */
  readonly answered: () => number
  readonly accepted: readonly Accepted[]
  /** Each call that got no answer, or not the one that it should: in words. */
  readonly failures: readonly string[]
  /** Begins no more; resolves when the last is answered or given up. */
  readonly stop: () => Promise<void>
}

type Market = {
  readonly call: (asked: Asked) => Promise<Told>
  readonly buyer: Person
  readonly product: Product
  readonly perSecond: number
}

/** Calls that begin at a steady pace, whatever becomes of those before them: reads and purchases by turns. */
export const callSteadily = ({ call, buyer, product, perSecond }: Market): Calls => {
  const began = performance.now()
  const accepted: Accepted[] = []
  const failures: string[] = []
  let answered = 0
  const make = async (n: number): Promise<void> => {
    const asked = n % 2 === 0 ? purchase(n, buyer, product) : read(n, buyer, product, accepted.at(-1)?.id)
    const at = Date.now()
    const second = ((performance.now() - began) / 1000).toFixed(1)
    try {
      const { status, body, door } = await call(asked)
      answered++
      if (status !== (asked.method === 'POST' ? 201 : 200)) {
        failures.push(`${second} s: ${asked.method} ${asked.path} at ${door}: ${status} ${JSON.stringify(body)}`)
      } else if (asked.method === 'POST') accepted.push({ id: body.purchase_id, at })
    } catch (error) {
      failures.push(`${second} s: ${asked.method} ${asked.path}: ${Object(error).code} ${Object(error).message}`)
    }
  }
  const { stop } = beginSteadily(perSecond, make)
  return { answered: () => answered, accepted, failures, stop, [Symbol.asyncDispose]: stop }
}

/** One in five without a key: it must not be made twice. */
const purchase = (n: number, { token }: Person, { id, currency_code }: Product): Asked => ({
  method: 'POST',
  path: '/api/v1/purchases',
  token,
  body: { order_items: [{ product_id: id, quantity: 1 }], payment: { currency_code } },
  ...(n % 10 !== 0 && { key: `two-of-each-${n}` }),
})

/** From every service that shows something. */
const read = (n: number, { token }: Person, product: Product, purchase: string | undefined): Asked => {
  const paths = [
    `/api/v1/products/${product.id}`,
    '/api/v1/orders',
    '/api/v1/payments',
    purchase === undefined ? '/api/v1/purchases' : `/api/v1/purchases/${purchase}`,
    '/api/v1/account/personal',
    `/api/v1/inventory/${product.id}`,
    '/api/v1/mailbox',
  ]
  return { method: 'GET', path: paths[((n - 1) / 2) % paths.length] ?? '', token }
}
