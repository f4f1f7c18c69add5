import type { Cause } from '@kit/messaging/outgoing'
import { traceOf } from '@kit/messaging/trace'
import type { Transact } from '@kit/messaging/transact'
import { groupCommit } from '@kit/pace/group-commit'
import type { Platform } from '@kit/platform/platform'
import { sql } from '@kit/postgres/statement'
import type { SagaMemory } from '@kit/saga/running/memory'
import { start } from '@kit/saga/running/start'
import type { Logger } from '@kit/telemetry/telemetry'
import { purchaseSaga } from '../purchase-saga.ts'
import type { Purchase } from '../purchase-saga.ts'

const insertPurchases = sql(import.meta.url, 'insert-purchases.sql')

/** A request that has passed all checks. */
export type Requested = {
  readonly purchase: Purchase
  readonly at: Date
  readonly idempotency: { readonly key: string; readonly hash: Buffer } | undefined
  readonly cause: Cause
}

/**
 * Makes a purchase durable, unless nobody waits for it any more. Rejects with ConstraintBroken `purchase_idempotency_key` when its
 * key is taken, and with NotBegun when it was not begun and never will be.
 */
export type Accept = (requested: Requested, wish: { readonly signal: AbortSignal }) => Promise<void>

/** How many may wait to be made durable, and for how many ms. */
type Bounds = { readonly most: number; readonly patience: number }

/** Some seconds of what the database takes; admission keeps a busy shop far below. */
const BOUNDS: Bounds = { most: 5_000, patience: 5_000 }

export type Accepting = {
  readonly transact: Transact
  readonly platform: Platform
  readonly memory: SagaMemory
  readonly log: Logger
}

/**
 * Accepts what arrives together in one transaction: the purchases, their sagas and the first commands, sent in one go.
 * Nothing is looked up first: a key that is taken breaks the constraint, and then only its own request fails.
 */
export const accepting = ({ transact, platform, memory, log }: Accepting, bounds = BOUNDS): Accept =>
  groupCommit<Requested, void>({
    limit: 500,
    ...bounds,
    flush: (requests) =>
      transact({ cause: {} }, async (tx) => {
        void tx.query(insertPurchases, [
          requests.map(({ purchase }) => purchase.purchase_id),
          requests.map(({ purchase }) => purchase.customer_id),
          requests.map(({ at }) => at),
          requests.map(({ idempotency }) => idempotency?.key),
          requests.map(({ idempotency }) => idempotency?.hash),
        ])
        const births = requests.map(({ purchase }) => ({ id: purchase.purchase_id, data: purchase }))
        const send = start(tx, purchaseSaga, births, platform.clock.now(), memory)
        const causes = new Map(requests.map(({ purchase, cause }) => [purchase.purchase_id, cause]))
        if (log.isDebug === true) tx.afterCommit(() => tellOf(requests, log))
        return { answer: requests.map(() => undefined), send, causeOf: (id) => causes.get(id) }
      }),
  })

const tellOf = (requests: readonly Requested[], log: Logger): void => {
  for (const { purchase, cause } of requests) log.debug(traceOf(purchase.purchase_id, cause), 'accepted a purchase')
}
