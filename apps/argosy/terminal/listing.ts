import type { Invocation } from '../command.ts'
import { exitCode, Stop } from '../exit-code.ts'
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
  const given = values['limit']
  if (given === undefined) return otherwise
  const limit = Number(given)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit
  throw new Stop('--limit must be a whole number from 1 to 1000', { exitCode: exitCode.usage })
}
