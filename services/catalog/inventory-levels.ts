import { StockLevels } from '@argosy/contracts/rpc/inventory'
import type { RpcClient } from '@kit/rpc/procedure'
import type { Logger } from '@kit/telemetry/telemetry'

/** What can be bought of each product now, by its id. */
export type AvailableOf = (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>

/** A page waits this long for the stock, in ms; then it is shown without. */
const PATIENCE = 500

/** Stock that cannot be asked is absent: the product is shown all the same. */
export const availability =
  (rpc: RpcClient, log: Logger): AvailableOf =>
  async (ids) => {
    if (ids.length === 0) return new Map()
    try {
      const { levels } = await rpc.call(StockLevels, { product_ids: ids }, { deadline: PATIENCE })
      return new Map(levels.map(({ product_id, available }) => [product_id, available]))
    } catch (error) {
      log.warn({ error }, 'the stock cannot be asked; products are shown without')
      return new Map()
    }
  }
