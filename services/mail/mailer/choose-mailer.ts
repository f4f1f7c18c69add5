import type { Compose } from '../compose.ts'
import { inbox } from './inbox.ts'
import type { Mailer } from '../mailer.ts'
import type { Sender } from './mail.ts'
import { smtp } from './smtp.ts'

type Choice = { readonly SMTP_URL: string; readonly SMTP_TIMEOUT: number }

type With = {
  readonly compose: Compose
  readonly from: Sender
  readonly own: <T extends AsyncDisposable>(resource: T) => T
}

/** The adapter, and what becomes of it when the service stops working. */
export type Chosen = { readonly mailer: Mailer; readonly background: readonly (() => AsyncDisposable)[] }

/** How long letters in the air may take once the service is to stop. */
const LAST_LETTERS = 5_000

/** The adapter that `SMTP_URL` names. What holds connections is handed to `own`, to be closed with the service. */
export const chooseMailer = ({ SMTP_URL, SMTP_TIMEOUT }: Choice, { compose, from, own }: With): Chosen => {
  if (SMTP_URL === 'inbox:') return { mailer: inbox(), background: [] }
  const mailer = own(smtp(new URL(SMTP_URL), { from, compose, timeout: SMTP_TIMEOUT }))
  // Closed before the jobs are: those wait for their letters, and a server that hangs must not hold up the stop.
  return { mailer, background: [() => ({ [Symbol.asyncDispose]: async () => mailer.wrapUp(LAST_LETTERS) })] }
}
