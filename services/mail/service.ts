import { defineService } from '@kit/service/service'
import { composer } from './compose.ts'
import { config } from './config.ts'
import { deliver } from './deliver/worker.ts'
import { mailbox } from './mailbox/routes.ts'
import { chooseMailer } from './mailer/choose-mailer.ts'
import { problems } from './problems.ts'
import { sendVerificationCode } from './send-verification-code/handle.ts'
import { confirmPurchase, explainFailure } from './tell-purchase-result/handle.ts'
import { welcomeAccount } from './welcome-account/handle.ts'

export const mail = defineService({
  name: 'mail',
  config,
  problems,
  migrations: [new URL('./migrations/', import.meta.url)],
  parts: ({ config, db, own }) => {
    const compose = composer({ store: config.STORE_NAME, support: config.SUPPORT_ADDRESS })
    const mailer = chooseMailer(config, compose, own)
    const shown = config.SMTP_URL === 'inbox:' && config.NODE_ENV !== 'production'
    return {
      routes: shown ? mailbox(compose) : [],
      consumers: [sendVerificationCode, welcomeAccount, confirmPurchase, explainFailure],
      workers: [deliver(mailer, db)],
    }
  },
})
