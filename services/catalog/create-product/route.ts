import { CreateProduct } from '@argosy/contracts/http/catalog'
import { ProductCreated } from '@argosy/contracts/messages/catalog'
import { OpenStock } from '@argosy/contracts/rpc/inventory'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { ConstraintBroken } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import type { RpcClient } from '@kit/rpc/procedure'
import { maySell } from '../domain/permission.ts'
import type { Marketplace } from '../domain/permission.ts'
import { shown, told, unknownCategory } from '../product.ts'
import type { ProductRow } from '../product.ts'

const selectCategory = sql<{ id: string }>(import.meta.url, 'select-category.sql')
const insertProduct = sql(import.meta.url, 'insert-product.sql')

/**
 * The stock is opened first: once the product is there it can be bought at once. A product that then cannot be stored would leave
 * stock behind that nobody knows the id of, hence the look at its category before; the constraint decides all the same.
 */
export const createProduct = (marketplace: Marketplace, currency_code: string, rpc: RpcClient): Route =>
  route(CreateProduct, async (request, { db, platform, transact }) => {
    const { body, caller } = request
    if (!maySell(marketplace, caller)) return refuse('forbidden', { detail: 'Products are sold by sellers here.' })
    const { inventory, category_id, name, description, brand_name, price } = body
    if ((await db.query(selectCategory, [category_id])).length === 0) return unknownCategory(category_id)
    const now = platform.clock.now()
    const product: ProductRow = {
      id: platform.newId(),
      owner_id: caller.id,
      category_id,
      name,
      description,
      brand_name,
      price,
      currency_code,
      version: 1,
      created_at: now,
      updated_at: now,
    }
    await rpc.call(OpenStock, { product_id: product.id, quantity: inventory })
    try {
      return await transact(request, async (tx) => {
        await tx.query(insertProduct, [product])
        return { answer: { product: shown(product, inventory) }, send: [ProductCreated(told(product))] }
      })
    } catch (error) {
      if (error instanceof ConstraintBroken && error.constraint === 'product_category')
        return unknownCategory(category_id)
      throw error
    }
  })
