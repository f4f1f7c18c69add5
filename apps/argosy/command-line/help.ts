import type { Command } from './command.ts'
import type { Word } from './commands.ts'
import { table } from '../terminal/terminal.ts'

/** `argosy --help`. */
export const overview = (commands: Readonly<Record<string, Word>>): readonly string[] => [
  'argosy: a shop in which every purchase is a durable saga',
  '',
  ...indent(table(Object.entries(commands).map(([name, { summary }]) => [name, summary]))),
  '',
  'argosy <command> --help tells more. Every command takes --json (data for programs on stdout) and --debug (the stack',
  'of an error). Exit codes: 0 done, 1 failure, 2 wrong arguments or configuration, 3 doctor found something, 4 timeout,',
  '130 Ctrl-C.',
]

/** `argosy <command> --help`. */
export const commandHelp = (name: string, { summary }: Word, { usage, help = [] }: Command): readonly string[] => [
  summary,
  '',
  ...usage.map((form) => `  argosy ${name} ${form}`.trimEnd()),
  ...(help.length > 0 ? ['', ...indent(table(help))] : []),
]

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)
