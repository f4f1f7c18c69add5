// For the command line: to play the customer's bank with the sandbox.
import type { Database } from '@kit/postgres/queryable'
import { openProvider } from './open-provider.ts'
import { selectTerms } from './payment-terms.ts'
import { signWebhook } from './sign-webhook.ts'
import type { Delivery } from './sign-webhook.ts'

export { config, PUBLIC_SECRET } from './config.ts'

type Playing = {
  /** The schemas of the payment service and of its provider, each under its own role. */
  readonly payments: Database
  readonly sandbox: Database
  readonly secrets: readonly string[]
}

/** Transfers what is to be paid, or another sum. Returns what to post to the webhook; undefined when there is no such payment. */
export const transferTo = async (
  { payments, sandbox, secrets }: Playing,
  transfer: {
    readonly id: string
    readonly purchase_id: string
    readonly amount: number | undefined
    readonly at: Date
  },
): Promise<Delivery | undefined> => {
  const [terms] = await payments.query(selectTerms, [transfer.purchase_id, null])
  if (terms === undefined) return undefined
  const money = { reference: transfer.purchase_id, amount: transfer.amount ?? terms.amount }
  const bank = openProvider('sandbox:', () => sandbox)
  const event = await bank.transfer(transfer.id, { ...money, currency_code: terms.currency_code })
  return signWebhook(event, transfer.id, secrets, transfer.at)
}
