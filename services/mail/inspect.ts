import type { Page } from '@kit/http/cursor'
import type { Queryable } from '@kit/postgres/queryable'
import type { Refusal } from '@kit/problem/refusal'
import { composer } from './compose.ts'
import { findMessage, listMessages, messagesAbout } from './mailbox/messages.ts'
import type { Message, Wanted } from './mailbox/messages.ts'

/** The built-in mailbox, for who looks from outside the running shop. */
export type Mailbox = {
  readonly list: (wanted: Wanted) => Promise<Page<Message> | Refusal>
  readonly find: (id: string) => Promise<Message | undefined>
  /** What its customer was told of a purchase. */
  readonly about: (purchase_id: string) => Promise<readonly Message[]>
}

/** Opens the mailbox in the mail service's schema. `names` is that part of its configuration that letters show. */
export const openMailbox = (db: Queryable, names: { STORE_NAME: string; SUPPORT_ADDRESS: string }): Mailbox => {
  const compose = composer({ store: names.STORE_NAME, support: names.SUPPORT_ADDRESS })
  return {
    list: (wanted) => listMessages(db, compose, wanted),
    find: (id) => findMessage(db, compose, id),
    about: (purchase_id) => messagesAbout(db, compose, purchase_id),
  }
}
