import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type { Page } from '@kit/http/cursor'
import { templates } from '../compose.ts'
import type { Filter, Message } from './messages.ts'

const pages = new Eta({ views: fileURLToPath(new URL('./', import.meta.url)), cache: true })

/** The list, newest first, with the filter that it was made by. */
export const mailboxPage = ({ data, page }: Page<Message>, { to, template, about, q }: Filter): string => {
  const filter = Object.fromEntries(Object.entries({ to, template, about, q }).filter(([, value]) => value))
  const older = page.next && `/mailbox?${new URLSearchParams({ ...filter, cursor: page.next }).toString()}`
  return pages.render('./mailbox.html.eta', {
    messages: data,
    filter,
    isNarrowed: Object.keys(filter).length > 0,
    templates,
    older,
  })
}

type Shown = {
  readonly view: 'html' | 'text' | 'source'
  readonly source: string | undefined
  /** Where the customer sees a purchase. */
  readonly order: (purchase_id: string) => string
}

/** One message: its head and one of its views; the HTML part stands in a sandboxed frame. */
export const messagePage = (message: Message, { view, source, order }: Shown): string =>
  pages.render('./message.html.eta', {
    message,
    view,
    source,
    order: message.purchase_id === undefined ? undefined : order(message.purchase_id),
  })
