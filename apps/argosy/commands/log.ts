import { RELAY } from '@kit/log/log'
import type { Command, Invocation } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { ExitCode } from '../command-line/exit-code.ts'
import { wrongForm } from '../command-line/wrong-form.ts'
import { openTables } from '../open-tables.ts'
import { forgetEverywhere, groupsOf, kafkaOf, type Group } from '../reader-groups.ts'
import { readSettings } from '../settings.ts'
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
    await using opened = new AsyncDisposableStack()
    const tables = opened.use(await openTables(invocation.env))
    const kafka = await kafkaOf(readSettings(invocation.env), opened)
    const groups = await groupsOf(tables, kafka)
    if (group === undefined) return list(groups, invocation)
    requireForgettable(groups, group)
    if (!(await forgetEverywhere(tables, kafka, group)))
      throw new Stop(`the log knows no group ${group}`, { fix: 'argosy log ls' })
    const { json, terminal } = invocation
    if (json) terminal.printJson({ forgotten: group })
    else terminal.say('nothing is kept for it any more')
    return exitCode.ok
  },
}

const list = (groups: readonly Group[], { json, terminal }: Invocation): ExitCode => {
  const several = new Set(groups.map(({ database }) => database)).size > 1
  if (json) terminal.printJson(groups)
  else
    printTable(
      terminal,
      ['group', ...(several ? ['database'] : []), 'state', 'processes', 'unread', 'oldest', 'reads'],
      groups.map((group) => [
        group.name,
        ...(several ? [group.database] : []),
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

const stateOf = ({ topics, registered_at, forgotten_at }: Group): string => {
  if (forgotten_at !== null) return 'forgotten'
  if (registered_at === null) return 'reads Kafka'
  return topics === null ? 'has never run' : 'registered'
}

const requireForgettable = (groups: readonly Group[], group: string): void => {
  const processes = groups.filter(({ name }) => name === group).reduce((sum, one) => sum + one.processes, 0)
  if (processes > 0) {
    throw new Stop(`${processes} ${processes === 1 ? 'process reads' : 'processes read'} for ${group} now`, {
      fix: `stop them first, or keep the group`,
    })
  }
  if (group === RELAY)
    throw new Stop(`${RELAY} takes messages to Kafka, and ends by itself when the shop starts without`, {
      fix: 'argosy start with LOG_URL=postgres:',
    })
}
