import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import { defineService } from '@kit/service/service'
import { cancelOrder } from './cancel-order/route.ts'
import { config } from './config.ts'
import { timetable } from './domain/timetable.ts'
import { getOrder } from './get-order/route.ts'
import { advanceOrders } from './advance-order/handle.ts'
import { listOrders } from './list-orders/route.ts'
import { showOrderHistory } from './show-order-history/route.ts'
import { payOrder } from './pay-order/route.ts'
import { problems } from './problems.ts'
import { refundOrder } from './refund-order/route.ts'
import { orders } from './tell-orders/facts.ts'
import { watchPayments } from './watch-payment/worker.ts'

export const order = defineService({
  name: 'order',
  config,
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  facts: [orders],
  calls: [TokenizeCard],
  parts: ({ config, rpc }) => {
    const times = timetable(config.ORDER_REMINDERS, config.ORDER_EXPIRY)
    return {
      consumers: [advanceOrders(times)],
      routes: [getOrder, listOrders, showOrderHistory, payOrder(rpc), cancelOrder, refundOrder],
      workers: [watchPayments(times)],
    }
  },
})
