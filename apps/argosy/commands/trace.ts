import { serviceNames } from '@argosy/contracts/services'
import { showSaga } from '@services/purchase/inspect'
import type { Command, Invocation } from '../command-line/command.ts'
import { lettersOf } from '../dead-letters/letters.ts'
import type { DeadLetter } from '../dead-letters/letters.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import { mailboxIn } from '../mailbox-in.ts'
import { openTables } from '../open-tables.ts'
import type { Tables } from '../open-tables.ts'
import { historyLines } from '../terminal/history.ts'
import type { Told } from '../terminal/history.ts'
import { isId } from '../command-line/uuid.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

/** The whole story of one purchase, from every service that has a part in it. */
export const trace: Command = {
  usage: ['<purchase>'],
  run: async (invocation) => {
    const [id, more] = invocation.positionals
    if (id === undefined || more !== undefined) throw wrongForm('trace', trace)
    await using tables = await openTables(invocation.env)
    const story = isId(id) ? await storyOf(id, tables, invocation) : undefined
    if (story === undefined)
      throw new Stop(`there is no purchase ${id}`, { fix: 'check the id; POST /api/v1/purchases answers it' })
    if (invocation.json) invocation.terminal.printJson(story)
    else for (const line of linesOf(story)) invocation.terminal.print(line)
    return exitCode.ok
  },
}

type Story = {
  readonly id: string
  readonly status: string
  readonly step: string
  readonly data: unknown
  readonly history: readonly Told[]
  readonly mail: readonly { readonly id: string; readonly to: string; readonly subject: string }[]
  readonly dead_letters: readonly DeadLetter[]
}

const storyOf = async (id: string, tables: Tables, { env }: Invocation): Promise<Story | undefined> => {
  const saga = await showSaga(tables.of('purchase'), id)
  if (saga === undefined) return undefined
  const [messages, ...letters] = await Promise.all([
    mailboxIn(tables, env).about(id),
    ...serviceNames.map((service) => lettersOf(service, tables.of(service), 1_000_000)),
  ])
  return {
    id,
    status: saga.status,
    step: saga.step,
    data: saga.data,
    history: saga.history,
    mail: messages.map(({ id: message, to, subject }) => ({ id: message, to, subject })),
    dead_letters: letters.flat().filter(({ key }) => key === id),
  }
}

const linesOf = ({ id, status, step, history, mail, dead_letters }: Story): readonly string[] => [
  `${id}  ${status}${step === '' ? '' : ` at ${step}`}`,
  ...historyLines(history),
  ...mail.map(({ to, subject, id: message }) => `    mail  ${subject}  to ${to}  ${message}`),
  ...dead_letters.map(({ name, type, reason }) => `   stuck  ${type}  ${reason}  ${name}`),
]
