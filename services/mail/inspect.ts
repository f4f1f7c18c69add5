import type { Queryable } from '@kit/postgres/queryable'
import { composer } from './compose/compose.ts'
import { findMessage, listMessages } from './mailbox/messages.ts'
import type { Message, MessagePage, Wanted } from './mailbox/messages.ts'

export type { Message, MessagePage, Wanted }

/** The built-in mailbox, for who looks from outside the running shop. */
export type Mailbox = {
  readonly list: (wanted: Wanted) => Promise<MessagePage>
  readonly find: (id: string) => Promise<Message | undefined>
}

/** Opens the mailbox in the mail service's schema. `names` is that part of its configuration that letters show. */
export const openMailbox = (db: Queryable, names: { STORE_NAME: string; SUPPORT_ADDRESS: string }): Mailbox => {
  const compose = composer({ store: names.STORE_NAME, support: names.SUPPORT_ADDRESS })
  return {
    list: (wanted) => listMessages(db, compose, wanted),
    find: (id) => findMessage(db, compose, id),
  }
}
