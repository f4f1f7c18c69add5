import type { GetOrder } from '@argosy/contracts/http/order'
import type { GetPurchase } from '@argosy/contracts/http/purchase'
import { amountOf } from '@argosy/contracts/line'
import type { AnswerOf } from '@kit/http/endpoint'

export type Order = AnswerOf<typeof GetOrder>
export type Purchase = AnswerOf<typeof GetPurchase>

/** What the page tells of an order, or of a purchase that has led to none. */
export type Story = {
  readonly state: string
  readonly mood?: 'good' | 'bad'
  /** What happens next, or what the customer can do. */
  readonly next: string
  readonly canPay: boolean
  readonly canCancel: boolean
  readonly lines: readonly { readonly name: string; readonly quantity: number; readonly amount: number }[]
  readonly amount: number
  readonly refunded: number
  readonly currency_code: string
  readonly at: string
}

type Told = Pick<Story, 'state' | 'next'> & Partial<Pick<Story, 'mood' | 'canPay' | 'canCancel'>>

const ENDED = 'You do not have to do anything.'
const AGAIN = 'Nothing is left to pay; you can order again at any time.'

/** A status as a word in small letters, however the API writes it: `partially-refunded`. */
type Word<Status extends string> = Dashed<Lowercase<Status>>
type Dashed<Text extends string> = Text extends `${infer A}_${infer B}` ? `${A}-${B}` : Text

const wordOf = <Status extends string>(status: Status): Word<Status> =>
  status.toLowerCase().replace('_', '-') as Word<Status>

const ofOrder: Readonly<Record<Word<Order['status']>, (order: Order) => Told>> = {
  pending: ({ payment_method }) =>
    payment_method === 'transfer'
      ? {
          state: 'Waits for your payment',
          next: 'Your items are kept until you pay, by transfer or here by card. An order that is not paid in time is cancelled.',
          canPay: true,
          canCancel: true,
        }
      : { state: 'Your card is being charged', next: 'This takes a moment. Look again shortly.', canCancel: true },
  paid: () => ({ state: 'Paid', mood: 'good', next: `We are completing your order. ${ENDED}` }),
  completed: () => ({ state: 'Complete', mood: 'good', next: `Your order is paid and complete. ${ENDED}` }),
  cancelled: ({ reason }) => ({ state: 'Cancelled', mood: 'bad', next: `${because(reason)}${AGAIN}` }),
  'partially-refunded': () => ({ state: 'Partly refunded', next: `A part of your money goes back to you. ${ENDED}` }),
  refunded: () => ({ state: 'Refunded', next: `All of your money goes back to you. ${ENDED}` }),
}

const ofPurchase: Readonly<Record<Word<Purchase['status']>, (purchase: Purchase) => Told>> = {
  pending: () => ({ state: 'Being placed', next: 'We have your purchase and place the order. Look again shortly.' }),
  completed: () => ({ state: 'Complete', mood: 'good', next: ENDED }),
  refused: ({ reason }) => ({ state: 'Did not go through', mood: 'bad', next: `${because(reason)}${AGAIN}` }),
  cancelled: ({ reason }) => ({ state: 'Cancelled', mood: 'bad', next: `${because(reason)}${AGAIN}` }),
}

/** Reasons are words with dashes between them: `not-paid-in-time`. */
const because = (reason: string | undefined): string =>
  reason === undefined ? '' : `The reason: ${reason.replaceAll('-', ' ')}. `

export const storyOfOrder = (order: Order): Story => ({
  canPay: false,
  canCancel: false,
  ...ofOrder[wordOf(order.status)](order),
  lines: order.products,
  amount: order.amount,
  refunded: order.refunded,
  currency_code: order.currency_code,
  at: order.created_at,
})

export const storyOfPurchase = (purchase: Purchase): Story => ({
  canPay: false,
  canCancel: false,
  ...ofPurchase[wordOf(purchase.status)](purchase),
  lines: purchase.lines.map((line) => ({ name: line.name, quantity: line.quantity, amount: amountOf(line) })),
  amount: purchase.amount,
  refunded: 0,
  currency_code: purchase.currency_code,
  at: purchase.timestamp,
})
