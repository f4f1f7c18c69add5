import { RemoveProduct } from '@argosy/contracts/http/catalog'
import { ProductRemoved } from '@argosy/contracts/messages/catalog'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import { mayChange } from '../domain/permission.ts'
import { productNotFound } from '../product.ts'

const lockProduct = sql<{ owner_id: string }>(import.meta.url, 'lock-product.sql')
const markRemoved = sql(import.meta.url, 'mark-removed.sql')

/** It is never deleted: orders name it, and its id must not mean another product. */
export const removeProduct = route(RemoveProduct, (request, { platform, transact }) => {
  const { params, caller } = request
  return transact(request, async (tx) => {
    const [product] = await tx.query(lockProduct, [params.id])
    if (product === undefined) return { answer: productNotFound(params.id) }
    if (!mayChange(product, caller)) return { answer: somebodyElses }
    void tx.query(markRemoved, [params.id, platform.clock.now()])
    return { answer: {}, send: [ProductRemoved({ product_id: params.id })] }
  })
})

const somebodyElses = refuse('forbidden', { detail: 'The product is somebody else’s.' })
