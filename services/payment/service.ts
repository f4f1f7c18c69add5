import { defineService } from '@kit/service/service'
import { applyWebhook } from './apply-webhook/worker.ts'
import { callsToProvider } from './call-provider/worker.ts'
import { config } from './config.ts'
import { getPayment } from './get-payment/route.ts'
import { listPayments } from './list-payments/route.ts'
import { openProvider } from './open-provider.ts'
import { payPending } from './pay-pending/worker.ts'
import { playTransfer } from './play-transfer/route.ts'
import { problems } from './problems.ts'
import { receiveWebhook } from './receive-webhook/route.ts'
import { issueRefund } from './issue-refund/handle.ts'
import { takePayment } from './take-payment/handle.ts'
import { tokenizeCard } from './tokenize-card/procedure.ts'

export const payment = defineService({
  name: 'payment',
  config,
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  companions: [{ name: 'sandbox', migrations: [new URL('./sandbox/migrations/', import.meta.url)] }],
  parts: ({ config, companion, db, log, metrics, platform }) => {
    const provider = openProvider(config.PAYMENT_URL, () => companion('sandbox'))
    const secrets = config.PAYMENT_WEBHOOK_SECRETS
    return {
      consumers: [takePayment, issueRefund],
      workers: [
        callsToProvider(provider, {
          timeout: config.PAYMENT_TIMEOUT,
          patience: config.PAYMENT_PATIENCE,
          concurrency: config.PAYMENT_CALLS,
          telemetry: { log, metrics },
        }),
        payPending(db),
        applyWebhook(db, provider),
      ],
      procedures: [tokenizeCard(provider)],
      routes: [
        getPayment,
        listPayments,
        receiveWebhook({ secrets, platform }),
        playTransfer({ bank: provider, secrets, platform }),
      ],
    }
  },
})
