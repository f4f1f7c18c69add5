import {
  AuthorizePayment,
  CapturePayment,
  PayPending,
  RefundPayment,
  IssueRefund,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import type { slice } from '@kit/testing/slice'
import type { Database } from '@kit/postgres/queryable'
import type { Statement } from '@kit/postgres/statement'

export const customer = '01930000-0000-7000-8000-0000000000c1'
export const stranger = '01930000-0000-7000-8000-0000000000c2'

/** The n-th purchase of a test. */
export const purchase = (n: number): string => `01930000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

/** 25 dollars. */
export const authorize = (purchase_id: string, card_token?: string) =>
  AuthorizePayment({
    purchase_id,
    customer_id: customer,
    amount: 2500,
    currency_code: 'USD',
    ...(card_token === undefined ? {} : { card_token }),
  })
/** The same, to be paid later. */
export const authorizeLater = (purchase_id: string) =>
  AuthorizePayment({ ...authorize(purchase_id).data, payment_method: 'transfer' })
export const pay = (purchase_id: string, card_token = 'tok_approve') => PayPending({ purchase_id, card_token })
export const giveBack = (purchase_id: string, n: number, amount: number) =>
  IssueRefund({ purchase_id, refund_id: purchase(0xf000 + n), amount })
export const capture = (purchase_id: string) => CapturePayment({ purchase_id })
export const voidPayment = (purchase_id: string) => VoidPayment({ purchase_id })
export const refund = (purchase_id: string) => RefundPayment({ purchase_id })

export const statement = <Row>(text: string): Statement<Row> => ({ name: text.slice(0, 63), text })

const asSandbox = statement('set local role argosy_sandbox')
const everyEntry = statement<{ readonly kind: string; readonly amount: number }>(
  'select kind, amount from sandbox.ledger where reference = $1 order by slot',
)

/** What the sandbox's books say of a purchase, in order; read as the sandbox, for the service itself may not. */
export const booksOf = (db: Database, purchase_id: string): Promise<readonly string[]> =>
  db.transaction(async (tx) => {
    void tx.query(asSandbox)
    return (await tx.query(everyEntry, [purchase_id])).map(({ kind, amount }) => `${kind} ${amount}`)
  })

/** Does something to the sandbox's tables, as their owner. */
export const inSandbox = (db: Database, text: string): Promise<void> =>
  db.transaction(async (tx) => {
    void tx.query(asSandbox)
    await tx.query(statement(text))
  })

const asSuperuser = statement('set local role none')
// It takes no transaction id, which would hold the log up.
const lockBooks = statement('lock table sandbox.ledger in share row exclusive mode')

/** Keeps the sandbox from writing anything, hence from answering, until it is disposed. */
export const holdBooks = async (db: Database): Promise<AsyncDisposable> => {
  const begun = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  const ended = db.transaction(async (tx) => {
    void tx.query(asSuperuser)
    await tx.query(lockBooks)
    begun.resolve()
    await over.promise
  })
  ended.catch(begun.reject)
  await begun.promise
  return {
    [Symbol.asyncDispose]: () => {
      over.resolve()
      return ended
    },
  }
}

type Shop = Awaited<ReturnType<typeof slice>>
export type Delivery = { readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** The customer transfers money; what the provider would tell of it. */
export const transfer = async (shop: Shop, purchase_id: string, amount?: number): Promise<Delivery> => {
  const { status, body } = await shop.request('POST', '/api/v1/payments/sandbox/transfers', {
    as: { id: customer },
    body: { purchase_id, ...(amount === undefined ? {} : { amount }) },
  })
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body as Delivery
}

/** Posts a webhook as it is. */
export const post = (shop: Shop, { headers, body }: Delivery): ReturnType<Shop['request']> =>
  shop.request('POST', '/api/v1/payments/webhooks/sandbox', {
    body,
    headers: { ...headers, 'content-type': 'application/json' },
  })
