import { parseArgs } from 'node:util'
import { meant } from '@kit/config/similar'
import type { Command, Invocation, Options } from './command.ts'
import { exitCode, Stop } from './exit-code.ts'
import { inLowerCase } from './uuid.ts'

const general = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  debug: { type: 'boolean' },
} as const

type Parsed = Pick<Invocation, 'values' | 'positionals'>

/**
 * The words and options after a command's name, ids in lower case. Throws a Stop for an option or a first word that the command
 * has not and that looks like one it has, and for any word where it takes none; whatever else is wrong, the command says.
 */
export const parse = (name: string, command: Command, rest: readonly string[]): Parsed => {
  const options: Options = { ...general, ...command.options }
  const { values, positionals } = parsed(name, options, rest)
  // The name of a file is no id, whatever it looks like.
  const words = command.usage.some((form) => form.includes('<file>')) ? positionals : positionals.map(inLowerCase)
  if (values['help'] !== true) requireVerb(name, command, words[0])
  const texts = Object.entries(values).map(([key, value]) => [
    key,
    typeof value === 'string' ? inLowerCase(value) : value,
  ])
  return { positionals: words, values: Object.fromEntries(texts) }
}

const parsed = (name: string, options: Options, rest: readonly string[]): Parsed => {
  const args = negativesJoined(options, rest)
  try {
    return parseArgs({ args, options, allowPositionals: true, allowNegative: true })
  } catch (error) {
    const unknown = /^Unknown option '--?([^']+)'/.exec(Object(error).message)?.[1]
    if (unknown === undefined) throw error
    const right = meant(unknown, Object.keys(options))
    throw new Stop(`argosy ${name} has no option ${unknown.length === 1 ? '-' : '--'}${unknown}`, {
      fix: suggestion(right && `--${right}`, `argosy ${name} --help`),
      exitCode: exitCode.usage,
    })
  }
}

/** `--limit -1` as `--limit=-1`: to parseArgs the number is another option, which hides what is wrong with it. */
const negativesJoined = (options: Options, [first, second, ...rest]: readonly string[]): string[] => {
  if (first === undefined) return []
  if (second === undefined || first === '--') return [first, ...(second === undefined ? [] : [second, ...rest])]
  const takesText = options[first.replace(/^--/, '')]?.type === 'string' && first.startsWith('--')
  return takesText && /^-\d/.test(second)
    ? [`${first}=${second}`, ...negativesJoined(options, rest)]
    : [first, ...negativesJoined(options, [second, ...rest])]
}

/** Of a command whose forms all begin with a word of their own, or take none: `start order` must not start all. */
const requireVerb = (name: string, { usage }: Command, verb: string | undefined): void => {
  const verbs = [...new Set(usage.map((form) => (form.split(' ')[0] ?? '').replace('[', '')))]
  const takesNone = verbs.every((one) => one === '' || one.startsWith('--'))
  if (verb === undefined || verbs.includes(verb) || !(takesNone || verbs.every((one) => /^[a-z]/.test(one)))) return
  const right = meant(verb, verbs)
  if (right === undefined && !takesNone) return
  throw new Stop(`argosy ${name} has no word ${verb}`, {
    fix: suggestion(right, `argosy ${name} --help`),
    exitCode: exitCode.usage,
  })
}

/** What to do about a word that is not known: the one that was probably meant, and where all are listed. */
export const suggestion = (right: string | undefined, help: string): string =>
  right === undefined ? help : `did you mean ${right}? ${help} tells more`
