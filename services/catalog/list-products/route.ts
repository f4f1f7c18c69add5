import { ListProducts } from '@argosy/contracts/http/catalog'
import type { Page } from '@kit/http/cursor'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { shareReads } from '@kit/pace/shared-reads'
import { isRefusal } from '@kit/problem/refusal'
import type { AvailableOf } from '../inventory-levels.ts'
import { shown } from '../product.ts'
import { sortings } from './sortings.ts'

/** Requests of the same moment for the same page share what is read for it: most people open the first one. */
export const listProducts = (availableOf: AvailableOf): Route => {
  const share = shareReads<Page<ReturnType<typeof shown>>>()
  return route(ListProducts, async ({ query }, { db }) => {
    const { limit, cursor, ...filter } = query
    const { select, after, page } = sortings[filter.sort]
    const seen = after(cursor, filter)
    if (isRefusal(seen)) return seen
    const { category_id, owner, seller_id = owner, brand_name, name, price_min, price_max } = filter
    const [key, id] = seen
    const values = [category_id, seller_id, brand_name, name, price_min, price_max, key, id, limit + 1]
    return share(JSON.stringify(query), async () => {
      const found = page(await db.query(select, values), limit, filter)
      const available = await availableOf(found.data.map((product) => product.id))
      return { data: found.data.map((product) => shown(product, available.get(product.id))), page: found.page }
    })
  })
}
