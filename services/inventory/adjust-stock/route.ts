import { AdjustStock } from '@argosy/contracts/http/inventory'
import { idempotencyKey } from '@kit/http/idempotency-key'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { RpcClient } from '@kit/rpc/procedure'
import { adjust, available } from '../domain/stock.ts'
import type { Stock } from '../domain/stock.ts'
import { objectionTo } from '../product-owner.ts'
import { lockStock, writeMovements, writeStock } from '../stock-rows.ts'

type AskedBefore = { readonly delta: number; readonly reason: string | null; readonly account_id: string | null }

const selectAskedBefore = sql<AskedBefore>(import.meta.url, 'select-asked-before.sql')

type Adjustment = {
  readonly product_id: string
  readonly delta: number
  readonly reason?: string
  readonly account_id: string
  readonly request_key?: string
}

/** More or fewer units, with the reason kept in the ledger. A key that was used before changes nothing more. */
export const adjustStock = (rpc: RpcClient): Route =>
  route(AdjustStock, async (request, { platform, transact }) => {
    const { params, body, caller } = request
    const key = idempotencyKey(request.headers['idempotency-key'])
    const objection = await objectionTo(caller, params.product_id, rpc)
    if (objection !== undefined) return objection
    const now = platform.clock.now()
    const stock = await transact(request, async (tx) => ({
      answer: await adjustOnce(
        tx,
        { ...params, ...body, account_id: caller.id, ...(key && { request_key: key }) },
        now,
      ),
    }))
    if (isRefusal(stock)) return stock
    return { inventory: { ...stock, available: available(stock), updated_at: now.toISOString() } }
  })

const adjustOnce = async (tx: Tx, adjustment: Adjustment, now: Date): Promise<Stock | Refusal> => {
  const { product_id, delta, reason, account_id, request_key } = adjustment
  // The lock comes first: of two requests with one key, the second finds the movement of the first.
  const [stock] = await tx.query(lockStock, [[product_id]])
  if (stock === undefined) return refuse('product-not-found', { detail: `There is no product ${product_id}.` })
  const [before] = request_key === undefined ? [] : await tx.query(selectAskedBefore, [product_id, request_key])
  if (before !== undefined) {
    const same = before.delta === delta && before.reason === (reason ?? null) && before.account_id === account_id
    return same ? stock : refuse('idempotency-key-reused', { detail: 'Its first request asked for something else.' })
  }
  const adjusted = adjust(stock, delta)
  if ('refused' in adjusted) return tooFew(adjusted.reserved)
  if (adjusted.on_hand > STOCK_LIMIT) return tooMany
  writeStock(tx, [adjusted], now)
  writeMovements(tx, [{ ...adjustment, kind: 'adjusted', on_hand: adjusted.on_hand }], now)
  return adjusted
}

const STOCK_LIMIT = 1_000_000_000

const tooFew = (reserved: number): Refusal =>
  refuse('stock-below-reserved', {
    detail: `${reserved} units are promised to purchases and must stay.`,
    errors: [{ pointer: '/delta', detail: 'takes too many away' }],
  })

const tooMany = refuse('stock-above-limit', {
  detail: `A product has at most ${STOCK_LIMIT} units.`,
  errors: [{ pointer: '/delta', detail: 'adds too many' }],
})
