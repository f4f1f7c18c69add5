import { systemPlatform } from '@kit/platform/system'
import { listOpenSagas, retrySaga, showSaga } from '@services/purchase/inspect'
import type { Command, Invocation } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { ExitCode } from '../command-line/exit-code.ts'
import { openTables } from '../open-tables.ts'
import type { Tables } from '../open-tables.ts'
import { limitOf, numberOf, printTable } from '../terminal/listing.ts'
import { historyLines } from '../terminal/history.ts'
import { duration } from '../terminal/terminal.ts'
import { isId } from '../command-line/uuid.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

/** Purchases on their way: which wait, what happened to one, and another try at once. */
export const sagas: Command = {
  usage: ['ls [--older-than 10] [--limit 100]', 'show <purchase>', 'retry <purchase>'],
  options: { 'older-than': { type: 'string' }, limit: { type: 'string' } },
  help: [
    ['--older-than', 'only those that began more than so many seconds ago'],
    ['--limit', 'at most so many, oldest first; 100 when absent'],
  ],
  run: async (invocation) => {
    const [verb, id] = invocation.positionals
    if (verb !== 'ls' && ((verb !== 'show' && verb !== 'retry') || id === undefined)) throw wrongForm('sagas', sagas)
    await using tables = await openTables(invocation.env)
    if (verb === 'ls' || id === undefined) return await list(tables, invocation)
    return await (verb === 'show' ? show : retry)(tables, id, invocation)
  },
}

const list = async (tables: Tables, { values, json, terminal }: Invocation): Promise<ExitCode> => {
  const olderThan = numberOf(values, 'older-than', 0)
  const now = systemPlatform().clock.now().getTime()
  const open = await listOpenSagas(tables.of('purchase'), olderThan, limitOf(values, 100))
  if (json) terminal.printJson(open)
  else
    printTable(
      terminal,
      ['purchase', 'status', 'step', 'definition', 'open for', 'asks again'],
      open.map(({ id, status, step, definition, created_at, deadline }) => [
        id,
        status,
        step,
        String(definition),
        duration(now - created_at.getTime()),
        deadline instanceof Date ? deadline.toISOString() : 'when it is retried',
      ]),
      'no purchase is open',
    )
  return exitCode.ok
}

const show = async (tables: Tables, id: string, { json, terminal }: Invocation): Promise<ExitCode> => {
  const saga = isId(id) ? await showSaga(tables.of('purchase'), id) : undefined
  if (saga === undefined) throw unknown(id)
  if (json) terminal.printJson(saga)
  else {
    terminal.print(`${saga.id}  ${saga.status}${saga.step === '' ? '' : ` at ${saga.step}`}`)
    for (const line of historyLines(saga.history)) terminal.print(line)
    terminal.print(JSON.stringify(saga.data, undefined, 2))
  }
  return exitCode.ok
}

const retry = async (tables: Tables, id: string, { json, terminal }: Invocation): Promise<ExitCode> => {
  const retried = isId(id) && (await retrySaga(tables.of('purchase'), id))
  if (!retried) throw new Stop(`there is no open purchase ${id}`, { fix: 'argosy sagas ls' })
  if (json) terminal.printJson({ retried: id })
  else terminal.say('it asks again within a second, if the shop is running')
  return exitCode.ok
}

const unknown = (id: string): Stop =>
  new Stop(`there is no purchase ${id}`, { fix: 'argosy sagas ls lists the open ones' })
