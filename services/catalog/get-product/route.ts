import { GetProduct } from '@argosy/contracts/http/catalog'
import { etag, isFresh } from '@kit/http/etag'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { groupCommit } from '@kit/pace/group-commit'
import type { Database } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { AvailableOf } from '../inventory-levels.ts'
import { productNotFound, shown, tagOf } from '../product.ts'
import type { ProductRow } from '../product.ts'

const selectProducts = sql<ProductRow>(import.meta.url, 'select-products.sql')

/** Both reads are shared by the requests of the same moment: many readers cost two statements. */
export const getProduct = (db: Database, availableOf: AvailableOf): Route => {
  const find = productFinder(db)
  return route(GetProduct, async ({ params: { id }, headers }) => {
    const [product, available] = await Promise.all([find(id), availableOf([id])])
    if (product === undefined) return productNotFound(id)
    const inventory = available.get(id)
    const tag = etag(tagOf(product, inventory))
    return {
      answer: { product: shown(product, inventory), images: { url: [] }, videos: { url: [] } },
      headers: { etag: tag },
      ...(isFresh(headers['if-none-match'], tag) && { status: 304 }),
    }
  })
}

const productFinder = (db: Database): ((id: string) => Promise<ProductRow | undefined>) =>
  groupCommit({
    limit: 200,
    flush: async (ids: readonly string[]) => {
      const rows = await db.query(selectProducts, [[...new Set(ids)]])
      const byId = new Map(rows.map((row) => [row.id, row]))
      return ids.map((id) => byId.get(id))
    },
  })
