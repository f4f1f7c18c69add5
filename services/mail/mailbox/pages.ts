import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { Message, MessagePage } from './messages.ts'

const pages = new Eta({ views: fileURLToPath(new URL('./', import.meta.url)), cache: true })

/** The list, newest first; `to` is the address it is narrowed to. */
export const mailboxPage = ({ messages, next_cursor }: MessagePage, to: string | undefined): string =>
  pages.render('./mailbox.html.eta', { messages, to, older: next_cursor && olderThan(next_cursor, to) })

/** One message: its head, its HTML part in a sandboxed frame, its text part. */
export const messagePage = (message: Message): string => pages.render('./message.html.eta', { message })

const olderThan = (cursor: string, to: string | undefined): string =>
  `/mailbox?${new URLSearchParams({ ...(to !== undefined && { to }), cursor }).toString()}`
