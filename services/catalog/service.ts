import { CountStock, OpenStock, StockLevels } from '@argosy/contracts/rpc/inventory'
import { defineService } from '@kit/service/service'
import { config } from './config.ts'
import { createCategory } from './create-category/route.ts'
import { createProduct } from './create-product/route.ts'
import { getCategory } from './get-category/route.ts'
import { getProduct } from './get-product/route.ts'
import { availability } from './inventory-levels.ts'
import { listCategories } from './list-categories/route.ts'
import { listProducts } from './list-products/route.ts'
import { problems } from './problems.ts'
import { quote } from './quote-products/procedure.ts'
import { removeProduct } from './remove-product/route.ts'
import { products } from './tell-products/facts.ts'
import { updateCategory } from './update-category/route.ts'
import { updateProduct } from './update-product/route.ts'

export const catalog = defineService({
  name: 'catalog',
  config,
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  facts: [products],
  calls: [OpenStock, CountStock, StockLevels],
  parts: ({ config: { MARKETPLACE, STORE_CURRENCY }, db, rpc, log }) => {
    const availableOf = availability(rpc, log)
    return {
      procedures: [quote],
      routes: [
        createCategory(MARKETPLACE),
        updateCategory,
        getCategory,
        listCategories,
        createProduct(MARKETPLACE, STORE_CURRENCY, rpc),
        updateProduct(rpc, availableOf),
        getProduct(db, availableOf),
        listProducts(availableOf),
        removeProduct,
      ].flat(),
    }
  },
})
