import { parseConfig } from '@kit/config/config'
import { config } from '@services/mail/config'
import { openMailbox } from '@services/mail/inspect'
import type { Mailbox } from '@services/mail/inspect'
import type { Environment } from './command-line/command.ts'
import type { Tables } from './open-tables.ts'
import { addressOf, misconfigured, readSettings } from './settings.ts'

/** The built-in mailbox, with the store's names as they are configured now. */
export const mailboxIn = (tables: Tables, env: Environment): Mailbox => {
  const parsed = parseConfig({ mail: config }, env)
  if (!parsed.ok) throw misconfigured(parsed.mistakes)
  const { mail } = parsed.values
  return openMailbox(tables.of('mail'), { ...mail, STORE_URL: mail.STORE_URL ?? addressOf(readSettings(env)) })
}
