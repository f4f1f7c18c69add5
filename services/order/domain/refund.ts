import type { OrderPlaced, OrderRefunded } from '@argosy/contracts/messages/order'
import type { DataOf } from '@kit/message/message'
import type { AskedRefund } from './commands.ts'

type Refund = DataOf<typeof OrderRefunded>
type Units = ReadonlyMap<string, number>

/** What an order was for, less what was given back. */
export type Sale = {
  /** Minor units that can still be refunded. */
  readonly left: number
  /** Units of each product that can still come back. */
  readonly units: Units
  /** Refunds made, by their ids. */
  readonly refunds: ReadonlyMap<string, Refund>
}

export type RefundRefusal = 'refund-too-large' | 'restock-too-large' | 'refund-differs'

export const saleOf = ({ amount, lines }: DataOf<typeof OrderPlaced>): Sale => ({
  left: amount,
  units: unitsOf(lines),
  refunds: new Map(),
})

export const saleAfter = ({ units, refunds }: Sale, refund: Refund): Sale => {
  const back = unitsOf(refund.restock)
  return {
    left: refund.remaining,
    units: new Map([...units].map(([product, quantity]) => [product, quantity - (back.get(product) ?? 0)])),
    refunds: new Map([...refunds, [refund.refund_id, refund]]),
  }
}

/** Why this cannot be refunded; undefined when it can, and when it is word for word a refund that was made. */
export const objectionTo = (
  asked: AskedRefund,
  { left, units, refunds }: Sale,
): { readonly refused: RefundRefusal } | undefined => {
  const made = refunds.get(asked.refund_id)
  if (made !== undefined) return isSame(asked, made) ? undefined : { refused: 'refund-differs' }
  if ((asked.amount ?? left) > left) return { refused: 'refund-too-large' }
  const wanted = [...unitsOf(asked.restock)]
  return wanted.every(([product, quantity]) => quantity <= (units.get(product) ?? 0))
    ? undefined
    : { refused: 'restock-too-large' }
}

/** Without an amount all that was left is asked for, which leaves nothing. */
const isSame = ({ amount, restock }: AskedRefund, made: Refund): boolean => {
  const [wanted, back] = [unitsOf(restock), unitsOf(made.restock)]
  return (
    (amount === undefined ? made.remaining === 0 : amount === made.amount) &&
    wanted.size === back.size &&
    [...wanted].every(([product, quantity]) => back.get(product) === quantity)
  )
}

/** The same product on two lines counts once, with both quantities. */
const unitsOf = (lines: readonly { readonly product_id: string; readonly quantity: number }[]): Units => {
  const units = new Map<string, number>()
  for (const { product_id, quantity } of lines) units.set(product_id, (units.get(product_id) ?? 0) + quantity)
  return units
}
