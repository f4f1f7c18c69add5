import { hasRole } from '@argosy/contracts/roles'
import { Quote } from '@argosy/contracts/rpc/catalog'
import type { Caller } from '@kit/http/route'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { RpcClient } from '@kit/rpc/procedure'

/** Whether the caller may keep the stock of this product: its owner, or an admin. Undefined when so. */
export const objectionTo = async (
  caller: Caller,
  product_id: string,
  rpc: RpcClient,
): Promise<Refusal<'product-not-found' | 'forbidden'> | undefined> => {
  if (hasRole(caller, 'admin')) return undefined
  const { products } = await rpc.call(Quote, { product_ids: [product_id] })
  const product = products.find(({ id }) => id === product_id)
  if (product === undefined) return refuse('product-not-found', { detail: `There is no product ${product_id}.` })
  if (product.owner_id !== caller.id) return refuse('forbidden', { detail: 'The product is somebody else’s.' })
  return undefined
}
