import { meant } from '@kit/config/similar'
import manifest from '../package.json' with { type: 'json' }
import { parse, suggestion } from './arguments.ts'
import type { Environment } from './command.ts'
import { commands } from './commands.ts'
import type { Word } from './commands.ts'
import { explain } from './explain.ts'
import { exitCode } from './exit-code.ts'
import type { ExitCode } from './exit-code.ts'
import { commandHelp, overview } from './help.ts'
import { listenForInterruption } from './interruption.ts'
import { openTerminal } from '../terminal/terminal.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** The command `argosy`: finds the word, parses its options, runs it, and turns what went wrong into one line. */
export const main = async (): Promise<void> => {
  process.stdout.on('error', endWithReader)
  // Narration that nobody reads any more must not end the shop without its PostgreSQL.
  process.stderr.on('error', () => undefined)
  const terminal = openTerminal(process.stdout, process.stderr)
  process.exitCode = await dispatch(process.argv.slice(2), process.env, terminal)
}

const dispatch = async (args: readonly string[], env: Environment, terminal: Terminal): Promise<ExitCode> => {
  const [name = 'start', ...rest] = args
  if (name === '--version') return say(terminal, [manifest.version])
  if (name === '--help' || name === '-h' || name === 'help') return say(terminal, overview(commands))
  const word = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (word === undefined) {
    const right = meant(name, Object.keys(commands))
    terminal.say(`✗ argosy has no command ${name}. Fix: ${suggestion(right, 'argosy --help')}`)
    return exitCode.usage
  }
  const debug = args.includes('--debug')
  try {
    return await call(name, word, rest, env, terminal)
  } catch (error) {
    const { line, code } = explain(error)
    terminal.say(`${terminal.paint('red', '✗')} ${line}`)
    if (debug && error instanceof Error) terminal.say(String(error.stack))
    return code
  }
}

const call = async (
  name: string,
  word: Word,
  rest: readonly string[],
  env: Environment,
  terminal: Terminal,
): Promise<ExitCode> => {
  const { over, ...interruption } = listenForInterruption()
  interruption.onLate((after) =>
    terminal.say(
      `${terminal.paint('red', '✗')} ${name} has not ended within ${after} ms of ${interruption.signal.reason}; it ends now`,
    ),
  )
  const command = await word.load()
  const { values, positionals } = parse(name, command, rest)
  if (values['help'] === true) return say(terminal, commandHelp(name, word, command))
  const json = values['json'] === true
  const code = await command.run({ positionals, values, json, env, terminal, ...interruption }).finally(over)
  return interruption.signal.reason === 'SIGINT' ? exitCode.interrupted : code
}

const say = (terminal: Terminal, lines: readonly string[]): ExitCode => {
  for (const line of lines) terminal.print(line)
  return exitCode.ok
}

/** `argosy sagas ls | head -1`: who reads has seen enough. */
const endWithReader = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(exitCode.ok)
  throw error
}
