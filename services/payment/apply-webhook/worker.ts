import { PermanentFailure, worker } from '@kit/jobs/job'
import type { Worker } from '@kit/jobs/job'
import type { Queryable } from '@kit/postgres/queryable'
import { hear } from '../domain/learn.ts'
import type { Provider } from '../provider.ts'
import { decideAll } from '../decide-all.ts'
import { ApplyWebhook } from '../webhook-job.ts'
import type { HeardOf } from '../webhook-job.ts'
import { patiently, waitForPayment } from '../wait-for-payment.ts'

/**
 * Applies what the provider has told, in whatever order it came and however late: what it means is decided by how the payment
 * stands now. A payment that nobody has asked for is waited for, three days at most; then a person must look at the money. So must
 * one at once when the money is another payment's: taken for this one, it could be neither captured nor given back.
 */
export const applyWebhook = (db: Queryable, provider: Pick<Provider, 'referenceOf'>): Worker<HeardOf, void> =>
  worker({
    job: ApplyWebhook,
    concurrency: 64,
    retry: patiently,
    perform: async ({ reference, authorization }, { signal }) => {
      await waitForPayment(db, reference)
      const owner = (await provider.referenceOf(authorization, signal)) ?? reference
      if (owner !== reference)
        throw new PermanentFailure(`the authorization ${authorization} is of the payment ${owner}, not ${reference}`)
    },
    finish: (done, tx, platform) =>
      decideAll(
        tx,
        platform.clock.now(),
        done,
        ({ data }) => data.reference,
        // Field by field: the provider may send more than we know of.
        (payment, { data: { reference, authorization, amount, currency_code } }) =>
          hear(payment, reference, { authorization, amount, currency_code }),
      ),
  })
