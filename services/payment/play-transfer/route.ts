import { PlayTransfer } from '@argosy/contracts/http/payment'
import { idempotencyKey, idFromKey } from '@kit/http/idempotency-key'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import type { Platform } from '@kit/platform/platform'
import { refuse } from '@kit/problem/refusal'
import { selectTerms } from '../payment-terms.ts'
import type { Bank } from '../provider.ts'
import { signWebhook } from '../sign-webhook.ts'

type Needs = { readonly bank: Bank; readonly secrets: readonly string[]; readonly platform: Platform }

/**
 * Plays the customer's bank: the money is in the sandbox's books from now on, and the answer is what the sandbox would send to
 * the webhook. Whoever plays posts it there, late, twice or altered as the game wants it. A key that was used before is the same
 * transfer, and tells the same event: who has got no answer would have sent money that nobody ever hears of.
 */
export const playTransfer = ({ bank, secrets, platform }: Needs): Route =>
  route(PlayTransfer, async ({ body: { purchase_id, amount }, caller, headers }, { db }) => {
    const key = idempotencyKey(headers['idempotency-key'])
    const [terms] = await db.query(selectTerms, [purchase_id, caller.id])
    if (terms === undefined) return refuse('payment-not-found', { detail: `You have no payment ${purchase_id}.` })
    const { currency_code } = terms
    const id = key === undefined ? platform.newId() : idFromKey(purchase_id, caller.id, key)
    const event = await bank.transfer(id, {
      reference: purchase_id,
      amount: amount ?? terms.amount,
      currency_code,
    })
    return signWebhook(event, id, secrets, platform.clock.now())
  })
