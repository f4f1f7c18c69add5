import { ListMovements } from '@argosy/contracts/http/inventory'
import { cursor } from '@kit/http/cursor'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { isRefusal } from '@kit/problem/refusal'
import type { RpcClient } from '@kit/rpc/procedure'
import Type from 'typebox'
import { objectionTo } from '../product-owner.ts'
import type { Movement } from '../stock-rows.ts'

type MovementRow = {
  readonly id: number
  readonly kind: Movement['kind']
  readonly delta: number
  readonly on_hand: number
  readonly reason: string | null
  readonly purchases: number | null
  readonly at: Date
}

const selectMovements = sql<MovementRow>(import.meta.url, 'select-movements.sql')

const place = cursor(Type.Integer({ minimum: 1 }))

export const listMovements = (rpc: RpcClient): Route =>
  route(ListMovements, async ({ params: { product_id }, query: { limit, cursor }, caller }, { db }) => {
    const before = place.read(cursor, product_id)
    if (isRefusal(before)) return before
    const objection = await objectionTo(caller, product_id, rpc)
    if (objection !== undefined) return objection
    const rows = await db.query(selectMovements, [product_id, before, limit + 1])
    const { data, page } = place.page(rows, limit, ({ id }) => id, product_id)
    return { data: data.map(shown), page }
  })

const shown = ({ reason, purchases, at, ...rest }: MovementRow) => ({
  ...rest,
  ...(reason !== null && { reason }),
  ...(purchases !== null && { purchases }),
  at: at.toISOString(),
})
