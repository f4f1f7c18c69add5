import { duration } from './terminal.ts'

/** A line of a purchase's history, from the tables or from the API. */
export type Told = {
  readonly at: Date | string
  readonly what: string
  readonly step: string
  readonly detail?: string | undefined
}

/** One line for each, with the time since the first. */
export const historyLines = (history: readonly Told[]): readonly string[] => {
  const [first] = history
  return first === undefined ? [] : history.map((line) => historyLine(line, timeOf(line) - timeOf(first)))
}

/** `  12 ms  done        reserve stock`. */
export const historyLine = ({ what, step, detail = '' }: Told, since: number): string =>
  `${duration(since).padStart(8)}  ${what.padEnd(10)}  ${step}${detail === '' ? '' : `  ${detail}`}`.trimEnd()

const timeOf = ({ at }: Told): number => new Date(at).getTime()
