import { Quote } from '@argosy/contracts/rpc/catalog'
import { defineService } from '@kit/service/service'
import Type from 'typebox'
import { adjustStock } from './adjust-stock/route.ts'
import { checkStock } from './check-stock/route.ts'
import { countStock } from './count-stock/procedure.ts'
import { getStock } from './get-stock/route.ts'
import { listMovements } from './list-movements/route.ts'
import { openStock } from './open-stock/procedure.ts'
import { problems } from './problems.ts'
import { reserveStock } from './reserve-stock/handle.ts'
import { returnStock } from './return-stock/handle.ts'
import { stock } from './tell-stock/facts.ts'
import { stockLevels } from './get-stock-levels/procedure.ts'

export const inventory = defineService({
  name: 'inventory',
  config: Type.Object({}),
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  facts: [stock],
  calls: [Quote],
  parts: ({ rpc }) => ({
    consumers: [reserveStock, returnStock],
    procedures: [openStock, countStock, stockLevels],
    routes: [...checkStock, getStock, adjustStock(rpc), listMovements(rpc)],
  }),
})
