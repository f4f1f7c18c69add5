// What must hold of a `.sql` file, judged with what PostgreSQL says of it (Describe) and what the compiler says of the code
// that uses it. `npm run check:sql` applies it to the tree and to test/sins.
import type { Described } from '@kit/postgres/wire/describe'
import type { DeclaredStatement, Field, Kind, StatementCall } from './statement-types.ts'

export const sqlRules = {
  'sql-prepares': 'PostgreSQL does not prepare it under the role of its service',
  'sql-names-parameters': 'its first comment names each parameter',
  'sql-used': 'nothing uses it',
  'sql-parameters': 'a call passes another number of values than it has parameters',
  'sql-row': 'its columns are not what the row type says',
} as const

export type SqlRule = keyof typeof sqlRules
export type SqlComplaint = { readonly rule: SqlRule; readonly file: string; readonly what: string }

/** A statement with all that is known of it. */
export type Evidence = {
  readonly file: string
  readonly text: string
  /** Where the code reads the file, besides statements that the compiler knows: a list of files, a name put together. */
  readonly isUsed: boolean
  readonly declared: readonly DeclaredStatement[]
  readonly calls: readonly StatementCall[]
  /** By each service that runs it, or why the server refuses it. */
  readonly described: readonly (Described | { readonly error: string })[]
  /** `pg_type.typname` by oid: `int4`, `_text` for `text[]`; what is not in there is an enum or a domain of text. */
  readonly typeNames: ReadonlyMap<number, string>
}

export const judgeSql = (evidence: Evidence): readonly SqlComplaint[] => {
  const { file, text, isUsed, described } = evidence
  const complain =
    (rule: SqlRule) =>
    (what: string): SqlComplaint => ({ rule, file, what })
  const refused = described.flatMap((each) => ('error' in each ? [each.error] : []))
  const [known] = described.filter((each): each is Described => 'columns' in each)
  return [
    ...unnamed(text).map(complain('sql-names-parameters')),
    ...(isUsed || evidence.declared.length > 0 ? [] : [complain('sql-used')(file)]),
    ...refused.map(complain('sql-prepares')),
    ...(known === undefined ? [] : wrongCalls(evidence.calls, known).map(complain('sql-parameters'))),
    ...(known === undefined ? [] : wrongRows(evidence, known).map(complain('sql-row'))),
  ]
}

const unnamed = (text: string): readonly string[] => {
  const comment = /^(\s*--[^\n]*\n)*/.exec(text)?.[0] ?? ''
  const numbers = new Set(text.slice(comment.length).match(/\$\d+/g))
  return [...numbers].filter((number) => !new RegExp(`\\${number}\\b`).test(comment))
}

const wrongCalls = (calls: readonly StatementCall[], { parameters }: Described): readonly string[] =>
  calls
    .filter(({ values }) => values !== parameters.length)
    .map(({ place, values }) => `${place} passes ${values}, it has ${parameters.length}`)

const wrongRows = ({ declared, typeNames }: Evidence, { columns }: Described): readonly string[] =>
  declared.flatMap(({ place, row }) =>
    (row ?? []).flatMap((field) => {
      const column = columns.find(({ name }) => name === field.name)
      if (column === undefined) return field.optional ? [] : [`${place} has ${field.name}, which it does not return`]
      const typeName = typeNames.get(column.type) ?? 'text'
      const kind = kindOf(typeName)
      return fits(field, kind)
        ? []
        : [`${place} has ${field.name} as ${field.kinds.join(' | ')}, it is ${kind} (${typeName})`]
    }),
  )

/** What the driver makes of a column (kit/postgres/wire/values.ts), by the name of its type. All else is text. */
const KINDS: Readonly<Record<string, Kind | 'json'>> = {
  int2: 'number',
  int4: 'number',
  int8: 'number',
  oid: 'number',
  float4: 'number',
  float8: 'number',
  bool: 'boolean',
  timestamp: 'Date',
  timestamptz: 'Date',
  bytea: 'bytes',
  json: 'json',
  jsonb: 'json',
  interval: 'object',
  point: 'object',
}

const kindOf = (typeName: string): Kind | 'json' => (typeName.startsWith('_') ? 'array' : (KINDS[typeName] ?? 'string'))

/** A type may say more than the column (one of three words), or less (text or nothing); it may not say something else. */
const fits = ({ kinds }: Field, kind: Kind | 'json'): boolean =>
  kinds.includes('any') ||
  (kind === 'json' ? !kinds.includes('Date') && !kinds.includes('bytes') : kinds.includes(kind))
