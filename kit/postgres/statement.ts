import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createHash } from 'node:crypto'

/** One SQL statement, read from its own file and prepared under its name on first use. `Row` is what it returns. */
export type Statement<Row = unknown> = {
  /** Unique, at most 63 bytes (PostgreSQL's limit for names). */
  readonly name: string
  readonly text: string
  /** See `sql`. */
  readonly replanned?: boolean
  /** Carries the row's type; never set. */
  readonly row?: Row
}

/**
 * Reads `file` beside the caller: `const lockStock = sql<StockRow>(import.meta.url, 'lock-stock.sql')`.
 * Throws when the file is absent, or one that it includes: at start, not at the first request.
 *
 * `replanned`: planned for the values of each call, where it stands alone. For lists with filters that may be absent; every
 * other statement keeps one plan (planning took a quarter of PostgreSQL's time).
 */
export const sql = <Row = never>(
  base: string,
  file: string,
  { replanned = false }: { readonly replanned?: boolean } = {},
): Statement<Row> => {
  const text = textOf(new URL(file, base))
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return { name: `${basename(file, '.sql').slice(0, 50)}:${digest}`, text, replanned }
}

/** A line may end by `-- include ../columns.sql`. That file then stands in its place: one list of a table's columns. */
const INCLUDE = /-- include (\S+\.sql)$/gm

/** The text of a statement, with what it includes. */
export const textOf = (file: URL): string =>
  readFileSync(file, 'utf8').replaceAll(INCLUDE, (_, name: string) =>
    readFileSync(new URL(name, file), 'utf8').trimEnd(),
  )

/** The files that a statement includes. */
export const includedBy = (file: URL): readonly URL[] =>
  [...readFileSync(file, 'utf8').matchAll(INCLUDE)].map(([, name = '']) => new URL(name, file))
