// sin: no-sibling-slice
import { placeOrder } from '../place-order/handle.ts'

export const again = placeOrder
