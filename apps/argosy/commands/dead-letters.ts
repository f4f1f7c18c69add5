import { isServiceName, serviceNames } from '@argosy/contracts/services'
import type { ServiceName } from '@argosy/contracts/services'
import type { Command, Invocation } from '../command-line/command.ts'
import { discardLetter, lettersOf, replayLetter } from '../dead-letters/letters.ts'
import type { DeadLetter } from '../dead-letters/letters.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { ExitCode } from '../command-line/exit-code.ts'
import { openTables } from '../open-tables.ts'
import type { Tables } from '../open-tables.ts'
import { limitOf, printTable } from '../terminal/listing.ts'
import { wrongForm } from '../command-line/wrong-form.ts'

const ALL = 1_000_000

/** What could not be handled: look at it, try it again once the cause is mended, or drop it. */
export const deadLetters: Command = {
  usage: ['ls [--limit 50]', 'show <service>/<id>', 'replay <service>/<id>', 'replay --all', 'discard <service>/<id>'],
  options: { limit: { type: 'string' }, all: { type: 'boolean' } },
  help: [
    ['--limit', 'at most so many of each service, oldest first; 50 when absent'],
    ['--all', 'every dead letter of every service'],
  ],
  run: async (invocation) => {
    const [verb, name] = invocation.positionals
    const all = verb === 'replay' && invocation.values['all'] === true
    if (!isVerb(verb) || (verb !== 'ls' && name === undefined && !all)) throw wrongForm('dead-letters', deadLetters)
    await using tables = await openTables(invocation.env)
    if (verb === 'ls') return await list(tables, invocation)
    const names = name === undefined ? (await everyLetter(tables, ALL)).map((letter) => letter.name) : [name]
    if (verb === 'show') return await show(tables, names[0] ?? '', invocation)
    return await change(verb, names, tables, invocation)
  },
}

const isVerb = (word: string | undefined): word is 'ls' | 'show' | 'replay' | 'discard' =>
  word === 'ls' || word === 'show' || word === 'replay' || word === 'discard'

const everyLetter = async (tables: Tables, limit: number): Promise<readonly DeadLetter[]> =>
  (await Promise.all(serviceNames.map((service) => lettersOf(service, tables.of(service), limit)))).flat()

const list = async (tables: Tables, { values, json, terminal }: Invocation): Promise<ExitCode> => {
  const letters = await everyLetter(tables, limitOf(values, 50))
  if (json) terminal.printJson(letters.map(({ content: _content, ...head }) => head))
  else
    printTable(
      terminal,
      ['letter', 'type', 'key', 'state', 'since', 'reason'],
      letters.map(({ name, type, key, state, since, reason }) => [name, type, key, state, since.toISOString(), reason]),
      'no dead letters',
    )
  return exitCode.ok
}

const show = async (tables: Tables, name: string, { json, terminal }: Invocation): Promise<ExitCode> => {
  const { service } = parts(name)
  const letter = (await lettersOf(service, tables.of(service), ALL)).find((one) => one.name === name)
  if (letter === undefined) throw unknown(name)
  if (json) terminal.printJson(letter)
  else {
    const { content, since, ...head } = letter
    const lines = Object.entries({ ...head, since: since.toISOString() })
    for (const [field, value] of lines) terminal.print(`${field.padEnd(8)}${value}`)
    terminal.print(JSON.stringify(content, undefined, 2))
  }
  return exitCode.ok
}

const change = async (
  verb: 'replay' | 'discard',
  names: readonly string[],
  tables: Tables,
  { json, terminal }: Invocation,
): Promise<ExitCode> => {
  let concerned = 0
  for (const name of names) {
    const { service, id } = parts(name)
    const letters = await (verb === 'replay' ? replayLetter : discardLetter)(tables.of(service), id)
    // One of many may have gone with another of its key.
    if (letters === 0 && names.length === 1) throw unknown(name)
    concerned += letters
  }
  if (json) terminal.printJson({ [verb === 'replay' ? 'replayed' : 'discarded']: concerned })
  else terminal.say(verb === 'replay' ? `${concerned} will be tried again` : 'dropped')
  return exitCode.ok
}

const parts = (name: string): { readonly service: ServiceName; readonly id: string } => {
  const [service = '', id = ''] = name.split('/')
  if (isServiceName(service) && /^(\d{1,18}|[0-9a-f-]{36})$/.test(id)) return { service, id }
  throw unknown(name)
}

const unknown = (name: string): Stop => new Stop(`there is no dead letter ${name}`, { fix: 'argosy dead-letters ls' })
