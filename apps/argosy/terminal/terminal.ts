import { styleText, stripVTControlCharacters } from 'node:util'
import type { WriteStream } from 'node:tty'

type Stream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>
type Style = Parameters<typeof styleText>[0]

/** Where a command speaks: narration on stderr for people, data on stdout for people and programs. */
export type Terminal = {
  /** A line of narration. */
  readonly say: (line: string) => void
  /** A line of data. */
  readonly print: (line: string) => void
  /** `value` as JSON on stdout, indented when a person looks. */
  readonly printJson: (value: unknown) => void
  /** Whether a person looks at stdout. */
  readonly isPerson: boolean
  /** Styles for narration; plain text where colour is not wanted (NO_COLOR, TERM=dumb, not a terminal). */
  readonly paint: (style: Style, text: string) => string
  /** The same for data. */
  readonly paintData: (style: Style, text: string) => string
}

export const openTerminal = (stdout: Stream, stderr: Stream): Terminal => {
  const painter = (stream: Stream) => (style: Style, text: string) =>
    styleText(style, text, { stream, validateStream: true })
  const isPerson = stdout.isTTY === true
  return {
    say: (line) => void stderr.write(`${line}\n`),
    print: (line) => void stdout.write(`${line}\n`),
    printJson: (value) => void stdout.write(`${JSON.stringify(value, undefined, isPerson ? 2 : undefined)}\n`),
    isPerson,
    paint: painter(stderr),
    paintData: painter(stdout),
  }
}

/** Rows as aligned columns, two spaces apart. */
export const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))))
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd(),
  )
}

const width = (text: string): number => Array.from(stripVTControlCharacters(text)).length

/** Milliseconds as people read them: `212 ms`, `2.4 s`. */
export const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)

/** Bytes as people read them: `39.2 MB`. */
export const bytes = (size: number): string => `${(size / 1_000_000).toFixed(1)} MB`
