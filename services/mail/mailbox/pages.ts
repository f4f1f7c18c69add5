import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { Page } from '@kit/http/cursor'
import type { Message } from './messages.ts'

const pages = new Eta({ views: fileURLToPath(new URL('./', import.meta.url)), cache: true })

/** The list, newest first; `to` is the address it is narrowed to. */
export const mailboxPage = ({ data, page }: Page<Message>, to: string | undefined): string =>
  pages.render('./mailbox.html.eta', { messages: data, to, older: page.next && olderThan(page.next, to) })

/** One message: its head, its HTML part in a sandboxed frame, its text part. */
export const messagePage = (message: Message): string => pages.render('./message.html.eta', { message })

const olderThan = (cursor: string, to: string | undefined): string =>
  `/mailbox?${new URLSearchParams({ ...(to !== undefined && { to }), cursor }).toString()}`
