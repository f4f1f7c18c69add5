import { historyOf, orderAsOf } from '@services/order/inspect'
import type { OrderThen } from '@services/order/inspect'
import type { Command, Invocation } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { ExitCode } from '../command-line/exit-code.ts'
import { openTables } from '../open-tables.ts'
import type { Tables } from '../open-tables.ts'
import { printTable } from '../terminal/listing.ts'
import { isId } from '../command-line/uuid.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

/** What has happened to an order, and how it stood at a time: both from its events. */
export const order: Command = {
  usage: ['history <order>', 'as-of <order> <time>'],
  help: [['<time>', '2026-01-31T12:00:00Z, or 2026-01-31 for its beginning (UTC)']],
  run: async (invocation) => {
    const [verb, id, time, more] = invocation.positionals
    const isHistory = verb === 'history' && time === undefined
    if (id === undefined || more !== undefined || !(isHistory || (verb === 'as-of' && time !== undefined)))
      throw wrongForm('order', order)
    if (!isId(id)) throw unknown(id)
    const at = time === undefined ? undefined : timeOf(time)
    await using tables = await openTables(invocation.env)
    return at === undefined ? await history(tables, id, invocation) : await asOf(tables, id, at, invocation)
  },
}

const history = async (tables: Tables, id: string, { json, terminal }: Invocation): Promise<ExitCode> => {
  const recorded = await historyOf(tables.of('order'), id)
  if (recorded.length === 0) throw unknown(id)
  if (json) {
    const events = recorded.map(({ version, at, event: { type, data } }) => ({ version, type, at, data }))
    terminal.printJson({ id, events })
  } else
    printTable(
      terminal,
      ['version', 'at', 'event', 'data'],
      recorded.map(({ version, at, event: { type, data } }) => {
        const { purchase_id: _id, ...rest } = data
        return [String(version), at.toISOString(), type, JSON.stringify(rest)]
      }),
      'nothing has happened to it',
    )
  return exitCode.ok
}

const asOf = async (tables: Tables, id: string, at: Date, { json, terminal }: Invocation): Promise<ExitCode> => {
  const then = await orderAsOf(tables.of('order'), id, at)
  if (then === undefined)
    throw new Stop(`there was no order ${id} at ${at.toISOString()}`, { fix: `argosy order history ${id}` })
  if (json) terminal.printJson(then)
  else for (const line of linesOf(then, at)) terminal.print(line)
  return exitCode.ok
}

const linesOf = (then: OrderThen, at: Date): readonly string[] => [
  `${then.id}  ${then.status}${then.reason === undefined ? '' : ` (${then.reason})`}  at ${at.toISOString()}`,
  `${then.amount} ${then.currency_code} by ${then.payment_method}, ${then.refunded} refunded, last changed ${then.updated_at}`,
  ...then.products.map(({ quantity, name, amount }) => `  ${quantity} x ${name}  ${amount}`),
]

/** RFC 3339, or a day. Anything else is a mistake: `new Date` guesses. */
const timeOf = (text: string): Date => {
  const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/
  const time = new Date(form.test(text) ? text : Number.NaN)
  if (!Number.isNaN(time.getTime())) return time
  throw new Stop(`${text} is no time`, { fix: 'write it like 2026-01-31T12:00:00Z', exitCode: exitCode.usage })
}

const unknown = (id: string): Stop =>
  new Stop(`there is no order ${id}`, { fix: 'an order has the id of its purchase; GET /api/v1/orders lists them' })
