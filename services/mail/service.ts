import { defineService } from '@kit/service/service'
import { composer } from './compose.ts'
import { config } from './config.ts'
import { keepAtOnce } from './deliver/keep-at-once.ts'
import { deliver } from './deliver/worker.ts'
import { linksTo, USUAL_STORE } from './links.ts'
import { mailbox } from './mailbox/routes.ts'
import { chooseMailer } from './mailer/choose-mailer.ts'
import { problems } from './problems.ts'
import { recipients, rememberAccount } from './remember-account/handle.ts'
import { remindToPay } from './remind-to-pay/handle.ts'
import { loadSecret } from './secret.ts'
import { sendVerificationCode } from './send-verification-code/handle.ts'
import { tellDeclinedTry } from './tell-declined-try/handle.ts'
import { confirmPurchase, explainFailure } from './tell-purchase-result/handle.ts'
import { forgetEndedOrders } from './ended-orders.ts'
import { tellRefund } from './tell-refund/handle.ts'
import { unsubscribe } from './unsubscribe/routes.ts'
import { welcomeAccount } from './welcome-account/handle.ts'

const consumers = [
  sendVerificationCode,
  welcomeAccount,
  rememberAccount,
  confirmPurchase,
  explainFailure,
  remindToPay,
  tellDeclinedTry,
  tellRefund,
]

export const mail = defineService({
  name: 'mail',
  config,
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  projections: [recipients],
  // A letter may be a moment late; all messages of all orders pass by here.
  restAfterBatch: 50,
  parts: async ({ config, db, log, own, address }) => {
    const secret = await loadSecret(db)
    const links = linksTo(() => config.STORE_URL ?? address() ?? USUAL_STORE, secret)
    const compose = composer({ name: config.STORE_NAME, support: config.SUPPORT_ADDRESS, links })
    const from = { name: config.STORE_NAME, address: config.MAIL_FROM }
    const { mailer, background } = chooseMailer(config, { compose, from, own })
    const retry = {
      attempts: config.MAIL_TRIES,
      firstDelay: config.MAIL_RETRY_FIRST,
      maxDelay: config.MAIL_RETRY_MAX,
    }
    const shown = config.SMTP_URL === 'inbox:' && config.NODE_ENV !== 'production'
    return {
      routes: [...unsubscribe(secret), ...(shown ? mailbox({ compose, from }, links) : [])],
      consumers: mailer.leavesTheHouse ? consumers : consumers.map(keepAtOnce(mailer)),
      workers: [deliver({ mailer, db, log, retry })],
      background: [...background, () => forgetEndedOrders(db, log)],
    }
  },
})
