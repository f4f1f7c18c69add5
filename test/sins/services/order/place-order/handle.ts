import type { Message } from '../../../kit/message/message.ts'
import { OrderPlaced } from '../../../contracts/messages/order.ts'
import { total } from '../domain/total.ts'

export const placeOrder = (prices: readonly number[]): Message & { amount: number } => ({
  type: OrderPlaced,
  amount: total(prices),
})
