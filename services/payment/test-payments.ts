import { AuthorizePayment, CapturePayment, RefundPayment, VoidPayment } from '@argosy/contracts/messages/payment'
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
