import type { Page } from '@kit/http/cursor'
import type { Queryable } from '@kit/postgres/queryable'
import type { Refusal } from '@kit/problem/refusal'
import { composer } from './compose.ts'
import { linksTo } from './links.ts'
import { findMessage, findSource, listMessages, messagesAbout } from './mailbox/messages.ts'
import type { Message, Stationery, Wanted } from './mailbox/messages.ts'
import { loadSecret } from './secret.ts'
import { lift, listSuppressed } from './suppression.ts'
import type { Suppressed } from './suppression.ts'

/** The built-in mailbox and the addresses that are not written to, for who looks from outside the running shop. */
export type Mailbox = {
  readonly list: (wanted: Wanted) => Promise<Page<Message> | Refusal>
  readonly find: (id: string) => Promise<Message | undefined>
  /** A message as it would go over the wire, headers and all. */
  readonly source: (id: string) => Promise<string | undefined>
  /** What its customer was told of a purchase. */
  readonly about: (purchase_id: string) => Promise<readonly Message[]>
  /** Addresses that a mail server has said do not exist, the latest first. */
  readonly suppressed: (limit: number) => Promise<readonly Suppressed[]>
  /** Writes to an address again. False when it was not suppressed. */
  readonly lift: (email: string) => Promise<boolean>
}

type Names = {
  readonly STORE_NAME: string
  readonly STORE_URL: string
  readonly SUPPORT_ADDRESS: string
  readonly MAIL_FROM: string
}

/** Opens the mailbox in the mail service's schema. `names` is that part of its configuration that letters show. */
export const openMailbox = (db: Queryable, names: Names): Mailbox => {
  let opened: Promise<Stationery> | undefined
  const stationery = (): Promise<Stationery> => (opened ??= openStationery(db, names))
  return {
    list: async (wanted) => listMessages(db, await stationery(), wanted),
    find: async (id) => findMessage(db, await stationery(), id),
    source: async (id) => findSource(db, await stationery(), id),
    about: async (purchase_id) => messagesAbout(db, await stationery(), purchase_id),
    suppressed: (limit) => listSuppressed(db, limit),
    lift: (email) => lift(db, email.trim()),
  }
}

const openStationery = async (db: Queryable, names: Names): Promise<Stationery> => {
  const links = linksTo(() => names.STORE_URL, await loadSecret(db))
  return {
    compose: composer({ name: names.STORE_NAME, support: names.SUPPORT_ADDRESS, links }),
    from: { name: names.STORE_NAME, address: names.MAIL_FROM },
  }
}
