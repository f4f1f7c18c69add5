import { Quote } from '@argosy/contracts/rpc/catalog'
import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import { sagaMigrations } from '@kit/saga/migrations'
import { Changes } from '@kit/saga/running/changes'
import { watchDeadlines } from '@kit/saga/running/deadlines'
import { SagaMemory } from '@kit/saga/running/memory'
import { watchSagas } from '@kit/saga/watching/metrics'
import { Watchers } from '@kit/saga/watching/watchers'
import { defineService } from '@kit/service/service'
import { openAdmission } from './admission/admission.ts'
import { countEnds } from './advance-purchase/count-ends.ts'
import { advancePurchase } from './advance-purchase/handle.ts'
import { config } from './config.ts'
import { getPurchase } from './get-purchase/route.ts'
import { listPurchases } from './list-purchases/route.ts'
import { problems } from './problems.ts'
import { showPurchaseHistory } from './show-purchase-history/route.ts'
import { purchaseSaga } from './purchase-saga.ts'
import { accepting } from './request-purchase/accept.ts'
import { requestPurchase } from './request-purchase/route.ts'
import { watchPurchase } from './watch-purchase/route.ts'

export const purchase = defineService({
  name: 'purchase',
  config,
  problems,
  migrations: [sagaMigrations, new URL('./migrations/', import.meta.url)],
  calls: [Quote, TokenizeCard],
  parts: ({ config, db, log, metrics, own, platform, rpc, transact }) => {
    const changes = new Changes()
    const memory = new SagaMemory()
    const allowance = { floor: config.PURCHASE_FLOOR, backlog: config.PURCHASE_BACKLOG / 1000 }
    const admission = openAdmission({ db, platform, log, metrics, allowance })
    const accept = accepting({ transact, platform, memory, log })
    watchSagas(purchaseSaga, db, metrics)
    return {
      routes: [
        requestPurchase({ db, rpc, platform, admission, accept, rates: config.EXCHANGE_RATES }),
        listPurchases,
        getPurchase,
        watchPurchase(own(new Watchers({ db, changes, log }))),
        showPurchaseHistory,
      ],
      consumers: [advancePurchase({ changes, memory, tellEnded: admission.ended, countEnds: countEnds(metrics) })],
      background: [() => watchDeadlines({ saga: purchaseSaga, changes, memory, platform, transact }, log)],
    }
  },
})
