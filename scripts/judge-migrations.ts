// Judges migrations by migration-rules.ts, statement by statement.
import { dirname } from 'node:path'
import { outsideOf } from '@kit/migrations/outside'
import { statementsIn } from '@kit/migrations/statements'
import { FORM, LAST_RELEASE, type Rule } from './migration-rules.ts'

export type Migration = {
  readonly file: string
  /** Under which databases know it. */
  readonly key: string
  readonly text: string
}
export type Complaint = { readonly file: string; readonly rule: string; readonly why: string }

export const migrationRules: readonly string[] = [
  ...new Set([
    ...[...FORM, ...LAST_RELEASE].map(({ name }) => name),
    'outside-form',
    'validate-alone',
    'one-table',
    'needless-reason',
  ]),
]

const REASON = /^-- contract: *(.*)/

/**
 * What is wrong with files that the last release has not. `-- contract: <why>` as first line excuses what it could not
 * live with.
 */
export const complaintsAbout = (files: readonly Migration[]): readonly Complaint[] =>
  [...Map.groupBy(files, ({ file }) => dirname(file)).values()].flatMap((folder) => {
    const made = new Set(folder.flatMap(({ text }) => statementsIn(text).flatMap(madeBy)))
    return folder.flatMap((file) => judge(file, made))
  })

const judge = ({ file, text }: Migration, made: ReadonlySet<string>): readonly Complaint[] => {
  const statements = statementsIn(text)
  const actions = statements.flatMap(actionsOf)
  const breaks = (rules: readonly Rule[]): readonly Named[] =>
    rules.filter((rule) => actions.some((action) => isBroken(rule, action, made)))
  const found = [...breaks(LAST_RELEASE), ...validateAlone(statements), ...oneTable(statements, made)]
  const all = [...breaks(FORM), ...outsideForm(text, statements), ...withReason(text, found)]
  return all.map(({ name, why }) => ({ file, rule: name, why }))
}

/** What a reason leaves of what was found: nothing, or the reason itself. */
const withReason = (text: string, found: readonly Named[]): readonly Named[] => {
  const reason = REASON.exec(text)?.[1]?.trim()
  if (reason === undefined) return found
  if (found.length === 0) return [NEEDLESS]
  return reason.length < ENOUGH ? [NO_REASON] : []
}

/** Letters: fewer are no reason. */
const ENOUGH = 20

type Named = Pick<Rule, 'name' | 'why'>
const NEEDLESS: Named = {
  name: 'needless-reason',
  why: 'it gives a reason (-- contract:) and breaks no rule: leave it out',
}
const NO_REASON: Named = { name: 'needless-reason', why: '-- contract: must say why the last release can live with it' }

const isBroken = ({ pattern, onExisting }: Rule, statement: string, made: ReadonlySet<string>): boolean =>
  pattern.test(statement) && (onExisting !== true || existing(statement, made) !== undefined)

/** `alter table t add a, drop b` are two. */
const actionsOf = (statement: string): readonly string[] => {
  const table = CHANGED[0]?.exec(statement)?.[0]
  if (table === undefined) return [statement]
  const actions = ['']
  let depth = 0
  for (const letter of statement.slice(table.length)) {
    if (letter === '(') depth++
    if (letter === ')') depth--
    if (letter === ',' && depth === 0) actions.push('')
    else actions.push(`${actions.pop() ?? ''}${letter}`)
  }
  return actions.map((action) => `${table} ${action.trim()}`)
}

const NAME = '(?:(?:"[^"]+"|\\w+)\\.)?("[^"]+"|\\w+)'
const CHANGED = [
  new RegExp(`^alter table (?:if exists )?(?:only )?${NAME}`),
  new RegExp(`^create (?:unique )?index (?:concurrently )?(?:if not exists )?(?:(?!on )${NAME} )?on (?:only )?${NAME}`),
  new RegExp(`^create (?:or replace )?(?:constraint )?trigger .*? on ${NAME}`),
  new RegExp(`^lock (?:table )?(?:only )?${NAME}`),
  new RegExp(`^drop table (?:if exists )?${NAME}`),
  new RegExp(`^revoke .* on (?:table )?${NAME}`),
]

/** The table that the statement changes and that no new file has made. */
const existing = (statement: string, made: ReadonlySet<string>): string | undefined => {
  const table = CHANGED.flatMap((pattern) => pattern.exec(statement)?.slice(1).at(-1) ?? [])[0]
  return table === undefined || made.has(table) ? undefined : table
}

const madeBy = (statement: string): readonly string[] =>
  new RegExp(`^create (?:unlogged )?table (?:if not exists )?${NAME}`).exec(statement)?.slice(1) ?? []

const validateAlone = (statements: readonly string[]): readonly Named[] => {
  const validating = statements.filter((statement) => /\bvalidate constraint\b/.test(statement))
  if (validating.length === 0 || validating.length === statements.length) return []
  return [
    {
      name: 'validate-alone',
      why: 'all rows are read while the locks of the other statements are held: a file of its own',
    },
  ]
}

const oneTable = (statements: readonly string[], made: ReadonlySet<string>): readonly Named[] => {
  const tables = new Set(statements.flatMap((statement) => existing(statement, made) ?? []))
  if (tables.size < 2) return []
  return [
    {
      name: 'one-table',
      why: `the lock on one is held while it waits for the next: a file for each of ${[...tables].join(', ')}`,
    },
  ]
}

const outsideForm = (text: string, statements: readonly string[]): readonly Named[] => {
  try {
    if (
      outsideOf(text) === undefined &&
      statements.some((statement) => /^\w+ (unique )?index concurrently\b/.test(statement))
    )
      return [
        {
          name: 'outside-form',
          why: 'concurrently works outside a transaction only: first line "-- outside a transaction"',
        },
      ]
    return []
  } catch (error) {
    return [{ name: 'outside-form', why: Object(error).message }]
  }
}
