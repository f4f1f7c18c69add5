// Made from inventory.proto: npm run check:procedures -- --write
import { procedure } from '@kit/rpc/procedure'

const proto = new URL('./inventory.proto', import.meta.url)

export type OpenStockRequest = {
  readonly product_id: string
  readonly quantity: number
}

export type OpenStockResponse = Readonly<Record<string, never>>

export type CountStockRequest = {
  readonly product_id: string
  readonly on_hand: number
}

export type CountStockResponse = {
  readonly accepted: boolean
  readonly available: number
}

export type StockLevelsRequest = {
  readonly product_ids: readonly string[]
}

export type StockLevelsResponse = {
  readonly levels: readonly StockLevel[]
}

export type StockLevel = {
  readonly product_id: string
  readonly on_hand: number
  readonly available: number
}

export const Inventory = {
  OpenStock: procedure<OpenStockRequest, OpenStockResponse>({
    service: 'argosy.inventory.v1.Inventory',
    method: 'OpenStock',
    proto,
  }),
  CountStock: procedure<CountStockRequest, CountStockResponse>({
    service: 'argosy.inventory.v1.Inventory',
    method: 'CountStock',
    proto,
  }),
  StockLevels: procedure<StockLevelsRequest, StockLevelsResponse>({
    service: 'argosy.inventory.v1.Inventory',
    method: 'StockLevels',
    proto,
  }),
}
