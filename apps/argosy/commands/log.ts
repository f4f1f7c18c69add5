import { forget, lagOf, listGroups, membersOf } from '@kit/log/postgres/housekeeping'
import type { ReaderGroup } from '@kit/log/postgres/housekeeping'
import type { Queryable } from '@kit/postgres/queryable'
import type { Command, Invocation } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { ExitCode } from '../command-line/exit-code.ts'
import { wrongForm } from '../command-line/wrong-form.ts'
import { openTables } from '../open-tables.ts'
import { printTable } from '../terminal/listing.ts'

/** Who reads the log: what is kept for whom, and the end of it. */
export const log: Command = {
  usage: ['ls', 'forget <group>'],
  options: {},
  help: [
    ['forget', 'nothing is kept any more for a group that no process reads for; should it run again, it begins anew'],
  ],
  run: async (invocation) => {
    const [verb, group, ...more] = invocation.positionals
    const isForm = more.length === 0 && (verb === 'ls' ? group === undefined : verb === 'forget' && group !== undefined)
    if (!isForm) throw wrongForm('log', log)
    await using tables = await openTables(invocation.env)
    const db = tables.of('account')
    return await (group === undefined ? list(db, invocation) : drop(db, group, invocation))
  },
}

const list = async (db: Queryable, { json, terminal }: Invocation): Promise<ExitCode> => {
  const lags = new Map((await lagOf(db)).map((lag) => [lag.group, lag]))
  const membersIn = await membersOf(db)
  const groups = (await listGroups(db)).map((group) => {
    const { messages = 0, seconds = 0 } = lags.get(group.name) ?? {}
    return { ...group, processes: membersIn(group.name), messages, seconds }
  })
  if (json) terminal.printJson(groups)
  else
    printTable(
      terminal,
      ['group', 'state', 'processes', 'unread', 'oldest', 'reads'],
      groups.map((group) => [
        group.name,
        stateOf(group),
        String(group.processes),
        String(group.messages),
        group.messages === 0 ? '' : `${Math.round(group.seconds)} s`,
        group.topics?.join(' ') ?? '',
      ]),
      'no groups yet',
    )
  return exitCode.ok
}

const stateOf = ({ topics, forgotten_at }: ReaderGroup): string => {
  if (forgotten_at !== null) return 'forgotten'
  return topics === null ? 'has never run' : 'registered'
}

const drop = async (db: Queryable, group: string, { json, terminal }: Invocation): Promise<ExitCode> => {
  const processes = (await membersOf(db))(group)
  if (processes > 0) {
    throw new Stop(`${processes} ${processes === 1 ? 'process reads' : 'processes read'} for ${group} now`, {
      fix: `stop them first, or keep the group`,
    })
  }
  if (!(await forget(db, group))) throw new Stop(`the log knows no group ${group}`, { fix: 'argosy log ls' })
  if (json) terminal.printJson({ forgotten: group })
  else terminal.say('nothing is kept for it any more')
  return exitCode.ok
}
