import { defineService } from '@kit/service/service'
import Type from 'typebox'
import { cancelOrder } from './cancel-order/route.ts'
import { getOrder } from './get-order/route.ts'
import { keepOrders } from './keep-orders/handle.ts'
import { listOrders } from './list-orders/route.ts'
import { orderHistory } from './order-history/route.ts'
import { payOrder } from './pay-order/route.ts'
import { problems } from './problems.ts'
import { refundOrder } from './refund-order/route.ts'

export const order = defineService({
  name: 'order',
  config: Type.Object({}),
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  parts: ({ rpc }) => ({
    consumers: [keepOrders],
    routes: [getOrder, listOrders, orderHistory, payOrder(rpc), cancelOrder, refundOrder],
  }),
})
