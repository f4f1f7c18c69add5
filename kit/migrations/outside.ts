import { statementsIn } from './statements.ts'

/**
 * The one statement of a file that runs outside a transaction. All of them may be run again after they were killed
 * half-way: an index is looked for by its name, dropping finds nothing, and a procedure is written so.
 */
export type Outside =
  | { readonly kind: 'create index'; readonly index: string }
  | { readonly kind: 'drop index' }
  | { readonly kind: 'call' }

const FIRST_LINE = /^-- outside a transaction\s*(?:\n|$)/

/**
 * Undefined: the file runs in a transaction, as most do. Throws, without the file's name, when it cannot run outside
 * one.
 */
export const outsideOf = (text: string): Outside | undefined => {
  if (!FIRST_LINE.test(text)) return undefined
  const statements = statementsIn(text)
  const [statement = ''] = statements
  if (statements.length !== 1) {
    throw new Error(`runs outside a transaction and has ${statements.length} statements: one file for each`)
  }
  const index = CREATE_INDEX.exec(statement)?.groups?.['name']
  if (index !== undefined) return { kind: 'create index', index: unquoted(index) }
  if (/^drop index concurrently if exists \S/.test(statement)) return { kind: 'drop index' }
  if (/^call \S/.test(statement)) return { kind: 'call' }
  throw new Error(
    'runs outside a transaction, where only "create index concurrently <name> on …", "drop index concurrently if exists" ' +
      'and "call <procedure>" can be run again after they were killed half-way',
  )
}

const CREATE_INDEX = /^create (?:unique )?index concurrently (?!if not exists |on )(?<name>"(?:[^"]|"")+"|\w+) on /

const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name)
