import { defineService } from '@kit/service/service'
import { callsToProvider } from './call-provider/worker.ts'
import { config } from './config.ts'
import { getPayment } from './get-payment/route.ts'
import { listPayments } from './list-payments/route.ts'
import { openProvider } from './open-provider.ts'
import { problems } from './problems.ts'
import { takePayment } from './take-payment/handle.ts'
import { tokenizeCard } from './tokenize-card/procedure.ts'

export const payment = defineService({
  name: 'payment',
  config,
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  companions: [{ name: 'sandbox', migrations: [new URL('./sandbox/migrations/', import.meta.url)] }],
  parts: ({ config, companion }) => {
    const provider = openProvider(config.PAYMENT_URL, () => companion('sandbox'))
    return {
      consumers: [takePayment],
      workers: [callsToProvider(provider, { timeout: config.PAYMENT_TIMEOUT, concurrency: config.PAYMENT_CALLS })],
      procedures: [tokenizeCard(provider)],
      routes: [getPayment, listPayments],
    }
  },
})
