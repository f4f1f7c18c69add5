import { placeOrder } from './place-order/handle.ts'

export const order = { placeOrder }
