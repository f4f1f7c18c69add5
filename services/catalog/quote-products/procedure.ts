import type { QuotedProduct } from '@argosy/contracts/proto/catalog'
import { Quote } from '@argosy/contracts/rpc/catalog'
import { sql } from '@kit/postgres/statement'
import { implement } from '@kit/rpc/procedure'

const selectQuotes = sql<QuotedProduct>(import.meta.url, 'select-quotes.sql')

/** Read fresh every time: a price that was changed a moment ago is the price. */
export const quote = implement(Quote, async ({ product_ids }, { db }) => ({
  products: await db.query(selectQuotes, [product_ids]),
}))
