import type { Invocation } from '../command-line/command.ts'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import { table } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** Rows for people under their heads; `none` is said when there is none. */
export const printTable = (
  { print, say, paintData }: Terminal,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): void => {
  if (rows.length === 0) return say(none)
  const [head = '', ...lines] = table([heads, ...rows])
  print(paintData('bold', head))
  for (const line of lines) print(line)
}

/** `--limit`: how many to show. */
export const limitOf = (values: Invocation['values'], otherwise: number): number => {
  const limit = numberOf(values, 'limit', otherwise)
  if (limit >= 1 && limit <= 1000) return limit
  throw new Stop('--limit must be a whole number from 1 to 1000', { exitCode: exitCode.usage })
}

/** An option that is a whole number, 0 or more. */
export const numberOf = (values: Invocation['values'], name: string, otherwise: number): number => {
  const given = values[name]
  if (given === undefined) return otherwise
  if (typeof given === 'string' && /^\d{1,9}$/.test(given)) return Number(given)
  throw new Stop(`--${name} must be a whole number`, { exitCode: exitCode.usage })
}
