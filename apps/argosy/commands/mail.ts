import { isRefusal } from '@kit/problem/refusal'
import type { Mailbox } from '@services/mail/inspect'
import { textOf } from '../command.ts'
import type { Command, Invocation } from '../command.ts'
import { exitCode, Stop } from '../exit-code.ts'
import type { ExitCode } from '../exit-code.ts'
import { mailboxIn } from '../mailbox-in.ts'
import { openTables } from '../open-tables.ts'
import { limitOf, printTable } from '../terminal/listing.ts'
import { isId } from '../uuid.ts'
import { wrongForm } from '../wrong-form.ts'

/** Looks into the built-in mailbox. */
export const mail: Command = {
  usage: ['ls [--to ada@demo.test] [--limit 20]', 'show <message> [--html]'],
  options: { to: { type: 'string' }, limit: { type: 'string' }, html: { type: 'boolean' } },
  help: [
    ['--to', 'only mail to this address'],
    ['--limit', 'at most so many, newest first; 20 when absent'],
    ['--html', 'the HTML part instead of the text part'],
  ],
  run: async (invocation) => {
    const [verb, id] = invocation.positionals
    if (verb !== 'ls' && (verb !== 'show' || id === undefined)) throw wrongForm('mail', mail)
    await using tables = await openTables(invocation.env)
    const mailbox = mailboxIn(tables, invocation.env)
    if (verb === 'show' && id !== undefined) return await show(mailbox, id, invocation)
    return await list(mailbox, invocation)
  },
}

const list = async (mailbox: Mailbox, { values, json, terminal }: Invocation): Promise<ExitCode> => {
  const to = textOf(values['to'])
  const page = await mailbox.list({ limit: limitOf(values, 20), ...(to !== undefined && { to }) })
  if (isRefusal(page)) throw new Stop(page.detail ?? page.refused)
  const heads = page.data.map(({ html: _html, text: _text, ...head }) => head)
  if (json) terminal.printJson(heads)
  else
    printTable(
      terminal,
      ['message', 'received', 'to', 'subject'],
      heads.map((head) => [head.id, head.received_at, head.to, head.subject]),
      'no mail',
    )
  return exitCode.ok
}

const show = async (mailbox: Mailbox, id: string, { values, json, terminal }: Invocation): Promise<ExitCode> => {
  const message = isId(id) ? await mailbox.find(id) : undefined
  if (message === undefined) throw new Stop(`the mailbox has no message ${id}`, { fix: 'argosy mail ls' })
  if (json) terminal.printJson(message)
  else if (values['html'] === true) terminal.print(message.html)
  else {
    terminal.print(`To: ${message.to}\nDate: ${message.received_at}\nSubject: ${message.subject}\n\n${message.text}`)
  }
  return exitCode.ok
}
