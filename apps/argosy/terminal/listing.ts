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
export const limitOf = (values: Invocation['values'], otherwise: number): number =>
  numberOf(values, 'limit', otherwise, { from: 1, to: 1000 })

/** An option that is a whole number, 0 or more unless said otherwise. Throws a Stop that says so. */
export const numberOf = (
  values: Invocation['values'],
  name: string,
  otherwise: number,
  { from = 0, to = 999_999_999 }: { readonly from?: number; readonly to?: number } = {},
): number => {
  const given = values[name]
  if (given === undefined) return otherwise
  const number = typeof given === 'string' && /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN
  if (number >= from && number <= to) return number
  throw new Stop(`--${name} must be a whole number from ${from} to ${to}, not ${String(given)}`, {
    exitCode: exitCode.usage,
  })
}
