import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'

export const customer = '01930000-0000-7000-8000-0000000000c1'
export const stranger = '01930000-0000-7000-8000-0000000000c2'
export const seller = '01930000-0000-7000-8000-0000000000c3'
export const lamp = '01930000-0000-7000-8000-0000000000b1'

/** The n-th purchase of a test. */
export const purchase = (n: number): string => `01930000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

/** Two lamps at 12.50 dollars, and one more on a line of its own. */
export const agreed = (purchase_id: string) => ({
  purchase_id,
  customer_id: customer,
  lines: [
    { product_id: lamp, name: 'Lamp "Été"', price: 1250, quantity: 2, seller_id: seller },
    { product_id: lamp, name: 'Lamp "Été"', price: 1250, quantity: 1, seller_id: seller },
  ],
  amount: 3750,
  currency_code: 'USD',
})

export const place = (purchase_id: string) => PlaceOrder(agreed(purchase_id))
/** The same, to be paid by transfer. */
export const placeUnpaid = (purchase_id: string) => PlaceOrder({ ...agreed(purchase_id), payment_method: 'transfer' })
export const markPaid = (purchase_id: string) => MarkPaid({ purchase_id })
export const complete = (purchase_id: string) => CompleteOrder({ purchase_id })
export const cancel = (purchase_id: string, reason = 'payment declined') => CancelOrder({ purchase_id, reason })
