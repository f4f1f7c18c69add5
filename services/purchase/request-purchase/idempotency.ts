import { createHash } from 'node:crypto'
import type { RequestPurchase } from '@argosy/contracts/http/purchase'
import type { BodyOf } from '@kit/http/endpoint'
import { groupCommit } from '@kit/pace/group-commit'
import { ConstraintBroken } from '@kit/postgres/queryable'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'

export type Known = { readonly id: string; readonly created_at: Date; readonly request_hash: Uint8Array }

/** A request as its customer has named it. */
type Named = { readonly customer_id: string; readonly key: string }

/** The purchase that this key stands for already, if any. */
export type FindByKey = (named: Named) => Promise<Known | undefined>

const selectByKey = sql<Known & { readonly n: number }>(import.meta.url, 'select-by-key.sql')

/** Keys of one moment are looked up together: a busy shop looks up those of all whom it turns away. */
export const findingByKey = (db: Queryable): FindByKey =>
  groupCommit<Named, Known | undefined>({
    limit: 500,
    flush: async (all) => {
      const lists = [all.map(({ customer_id }) => customer_id), all.map(({ key }) => key)]
      const known = new Map((await db.query(selectByKey, lists)).map((row) => [row.n, row]))
      return all.map((_, i) => known.get(i + 1))
    },
  })

/** A refusal when the key was used for a request other than the one with this hash. */
export const sameRequest = (known: Known, hash: Buffer): Known | Refusal<'idempotency-key-reused'> =>
  hash.equals(known.request_hash)
    ? known
    : refuse('idempotency-key-reused', {
        detail: 'The Idempotency-Key was used for another purchase; take a new one.',
      })

export const isKeyTaken = (error: unknown): boolean =>
  error instanceof ConstraintBroken && error.constraint === 'purchase_idempotency_key'

/** What makes two requests the same. Of a card the last four digits only: a hash of the whole number could be searched. */
export const hashOf = ({ order_items, payment }: BodyOf<typeof RequestPurchase>): Buffer => {
  const lines = order_items.map(({ product_id, quantity }) => [product_id, quantity])
  const told = [lines, payment.currency_code, payment.card?.slice(-4)]
  // Not said of cards, so that the hashes of requests from before transfers stay as they are.
  if (payment.method === 'transfer') told.push(payment.method)
  return createHash('sha256').update(JSON.stringify(told)).digest()
}
