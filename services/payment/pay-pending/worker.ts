import { PayPending } from '@argosy/contracts/messages/payment'
import { worker } from '@kit/jobs/job'
import type { Worker } from '@kit/jobs/job'
import type { Queryable } from '@kit/postgres/queryable'
import { decide } from '../domain/decide.ts'
import { keepPay, PayOncePossible } from '../pay-job.ts'
import type { EarlyPay } from '../pay-job.ts'
import { decideAll } from '../decide-all.ts'
import { patiently, waitForTries } from '../wait-for-payment.ts'

/**
 * Pays by card what the customer was quick to pay: the order may be seen a moment before the payment is asked for, and a second
 * card may come while the first is being tried.
 */
export const payPending = (db: Queryable): Worker<EarlyPay, void> =>
  worker({
    job: PayOncePossible,
    concurrency: 16,
    retry: { ...patiently, firstDelay: 100 },
    perform: ({ purchase_id }) => waitForTries(db, purchase_id),
    finish: (done, tx, platform) =>
      decideAll(
        tx,
        platform.clock.now(),
        done,
        ({ data }) => data.purchase_id,
        (payment, { data }) => decide(payment, PayPending(data)),
        ({ data }, payment) => keepPay(data, payment),
      ),
  })
