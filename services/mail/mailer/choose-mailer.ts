import type { Compose } from '../compose.ts'
import { inbox } from './inbox.ts'
import type { Mailer } from '../mailer.ts'
import { smtp } from './smtp.ts'

type Choice = { readonly SMTP_URL: string; readonly STORE_NAME: string; readonly MAIL_FROM: string }

/** The adapter that `SMTP_URL` names. What holds connections is handed to `own`, to be closed with the service. */
export const chooseMailer = (
  { SMTP_URL, STORE_NAME, MAIL_FROM }: Choice,
  compose: Compose,
  own: <T extends AsyncDisposable>(resource: T) => T,
): Mailer =>
  SMTP_URL === 'inbox:' ? inbox() : own(smtp(new URL(SMTP_URL), { name: STORE_NAME, address: MAIL_FROM }, compose))
