import { ProductUpdated } from '@argosy/contracts/messages/catalog'
import { pageOf, type Facts } from '@kit/facts/facts'
import { sql } from '@kit/postgres/statement'
import { told } from '../product.ts'
import type { ProductRow } from '../product.ts'

const selectPage = sql<ProductRow>(import.meta.url, 'select-page.sql')

/** Every product that can be bought, as it is now. Who begins empty need not be told of those that were removed. */
export const products: Facts = {
  name: 'products',
  types: [ProductUpdated],
  page: async (tx, after, limit) =>
    pageOf(
      await tx.query(selectPage, [after, limit]),
      limit,
      ({ id }) => id,
      (product) => ProductUpdated(told(product)),
    ),
}
