import { isRefusal } from '@kit/problem/refusal'
import type { Mailbox } from '@services/mail/inspect'
import { textOf } from '../command-line/command.ts'
import type { Command, Invocation } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { ExitCode } from '../command-line/exit-code.ts'
import { mailboxIn } from '../mailbox-in.ts'
import { openTables } from '../open-tables.ts'
import { limitOf, printTable } from '../terminal/listing.ts'
import { isId } from '../command-line/uuid.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

/** Looks into the built-in mailbox, and at the addresses that are not written to. */
export const mail: Command = {
  usage: [
    'ls [--to ada@demo.test] [--search words] [--about id] [--limit 20]',
    'show <message> [--html | --source]',
    'suppressed [--limit 20]',
    'lift <address>',
  ],
  options: {
    to: { type: 'string' },
    search: { type: 'string' },
    about: { type: 'string' },
    limit: { type: 'string' },
    html: { type: 'boolean' },
    source: { type: 'boolean' },
  },
  help: [
    ['--to', 'only mail to this address'],
    ['--search', 'only mail with these words in its address, subject or content'],
    ['--about', 'only mail about this purchase or account'],
    ['--limit', 'at most so many, newest first; 20 when absent'],
    ['--html', 'the HTML part instead of the text part'],
    ['--source', 'the message as it goes over the wire'],
    ['suppressed', 'addresses that a mail server said do not exist: nothing more is sent there'],
    ['lift', 'an address may be written to again'],
  ],
  run: async (invocation) => {
    const [verb = '', what] = invocation.positionals
    const act = verbs[verb]
    if (act === undefined || (act.takes && what === undefined)) throw wrongForm('mail', mail)
    await using tables = await openTables(invocation.env)
    return await act.run(mailboxIn(tables, invocation.env), invocation, what ?? '')
  },
}

type Verb = {
  readonly takes: boolean
  readonly run: (mailbox: Mailbox, invocation: Invocation, what: string) => Promise<ExitCode>
}

const list = async (mailbox: Mailbox, { values, json, terminal }: Invocation): Promise<ExitCode> => {
  const about = textOf(values['about'])
  if (about !== undefined && !isId(about)) throw new Stop(`${about} is no id of a purchase or an account`)
  const filter = { to: textOf(values['to']), q: textOf(values['search']), about }
  const page = await mailbox.list({ limit: limitOf(values, 20), ...filter })
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

const show: Verb['run'] = async (mailbox, { values, json, terminal }, id) => {
  const message = isId(id) ? await mailbox.find(id) : undefined
  if (message === undefined) throw new Stop(`the mailbox has no message ${id}`, { fix: 'argosy mail ls' })
  if (json) terminal.printJson(message)
  else if (values['html'] === true) terminal.print(message.html)
  else if (values['source'] === true) terminal.print((await mailbox.source(id)) ?? '')
  else {
    terminal.print(`To: ${message.to}\nDate: ${message.received_at}\nSubject: ${message.subject}\n\n${message.text}`)
  }
  return exitCode.ok
}

const suppressed: Verb['run'] = async (mailbox, { values, json, terminal }) => {
  const rows = await mailbox.suppressed(limitOf(values, 20))
  if (json) terminal.printJson(rows)
  else
    printTable(
      terminal,
      ['address', 'since', 'not sent', 'reason'],
      rows.map(({ email, since, unsent, reason }) => [email, since.toISOString(), String(unsent), reason]),
      'no address is suppressed',
    )
  return exitCode.ok
}

const lift: Verb['run'] = async (mailbox, { json, terminal }, address) => {
  if (!(await mailbox.lift(address))) {
    throw new Stop(`${address} is not suppressed`, { fix: 'argosy mail suppressed' })
  }
  if (json) terminal.printJson({ lifted: address })
  else terminal.print(`${address} is written to again`)
  return exitCode.ok
}

const verbs: Readonly<Record<string, Verb>> = {
  ls: { takes: false, run: list },
  show: { takes: true, run: show },
  suppressed: { takes: false, run: suppressed },
  lift: { takes: true, run: lift },
}
