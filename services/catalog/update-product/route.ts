import { UpdateProduct, UpdateProductByBody } from '@argosy/contracts/http/catalog'
import { ProductUpdated } from '@argosy/contracts/messages/catalog'
import { CountStock } from '@argosy/contracts/rpc/inventory'
import type { BodyOf } from '@kit/http/endpoint'
import { etag, staleMatch } from '@kit/http/etag'
import { route } from '@kit/http/route'
import type { Request, Resources, Route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { RpcClient } from '@kit/rpc/procedure'
import { mayChange } from '../domain/permission.ts'
import type { AvailableOf } from '../inventory-levels.ts'
import { productNotFound, shown, tagOf, told, unknownCategory } from '../product.ts'
import type { ProductRow } from '../product.ts'

type Changes = BodyOf<typeof UpdateProduct>
type Update = Pick<Request<typeof UpdateProduct>, 'caller' | 'headers' | 'cause'> & {
  readonly id: string
  readonly changes: Changes
}

const selectProduct = sql<ProductRow & { category_exists: boolean }>(import.meta.url, 'select-product.sql')
const writeChanges = sql<ProductRow>(import.meta.url, 'update-product.sql')

/** The product with the id in the path, or as some clients send it, in the body. */
export const updateProduct = (rpc: RpcClient, availableOf: AvailableOf): readonly Route[] => {
  const update = async (asked: Update, resources: Resources) => {
    const product = await change(asked, resources, rpc)
    if (isRefusal(product)) return product
    const inventory = (await availableOf([product.id])).get(product.id)
    return { answer: { product: shown(product, inventory) }, headers: { etag: etag(tagOf(product, inventory)) } }
  }
  return [
    route(UpdateProduct, (request, resources) =>
      update({ ...partsOf(request), id: request.params.id, changes: request.body }, resources),
    ),
    route(UpdateProductByBody, (request, resources) => {
      const { id, ...changes } = request.body
      return update({ ...partsOf(request), id, changes }, resources)
    }),
  ]
}

// A request has getters: it cannot be spread.
const partsOf = ({ caller, headers, cause }: Pick<Update, 'caller' | 'headers' | 'cause'>) => ({
  caller,
  headers,
  cause,
})

/** All that can be refused is looked at before anything changes: the stock is another service's, and not undone. */
const change = async (
  asked: Update,
  { db, platform, transact }: Resources,
  rpc: RpcClient,
): Promise<ProductRow | Refusal> => {
  const { id, changes, caller, headers } = asked
  const [product] = await db.query(selectProduct, [id, changes.category_id])
  if (product === undefined) return productNotFound(id)
  if (!mayChange(product, caller)) return refuse('forbidden', { detail: 'The product is somebody else’s.' })
  const match = withoutStock(headers['if-match'])
  const stale = staleMatch(match, etag(product.version))
  if (stale !== undefined) return stale
  if (!product.category_exists) return unknownCategory(String(changes.category_id))
  const uncounted = await count(id, changes.inventory, rpc)
  if (uncounted !== undefined) return uncounted
  if (!changesProduct(changes)) return product
  const version = match === undefined ? undefined : product.version
  return transact<ProductRow | Refusal>(asked, async (tx) => {
    const [changed] = await tx.query(writeChanges, [id, changes, platform.clock.now(), version])
    if (changed !== undefined) return { answer: changed, send: [ProductUpdated(told(changed))] }
    return { answer: version === undefined ? productNotFound(id) : overtaken }
  })
}

const changesProduct = ({ inventory: _, ...changes }: Changes): boolean =>
  Object.values(changes).some((value) => value !== undefined)

const count = async (
  product_id: string,
  on_hand: number | undefined,
  rpc: RpcClient,
): Promise<Refusal<'stock-below-reserved'> | undefined> => {
  if (on_hand === undefined) return undefined
  const { accepted } = await rpc.call(CountStock, { product_id, on_hand })
  if (accepted) return undefined
  return refuse('stock-below-reserved', {
    detail: 'More units than that are promised to purchases.',
    errors: [{ pointer: '/inventory', detail: 'is less than what is reserved' }],
  })
}

/** `"7.998"` is version 7 of the product while 998 could be bought: only the version must match. */
const withoutStock = (ifMatch: string | undefined): string | undefined => ifMatch?.replaceAll(/\.\d+"/g, '"')

const overtaken = refuse('precondition-failed', { detail: 'Somebody else has just changed it; read it again.' })
