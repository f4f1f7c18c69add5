import type { OpenClient } from '@kit/postgres/connection/client'
import { roleOf } from '@kit/postgres/role'
import { apply, asOwner } from './apply.ts'
import { connect } from './connect.ts'
import { filesIn, type MigrationFile } from './files.ts'
import { historyOf, laterIn, refuseOther, type History } from './history.ts'
import { WAITS, type Around, type Waits, type Log } from './patience.ts'
import { createRole, rolesOf, share } from './roles.ts'
import type { Schema } from './schema.ts'
import { takeTurn, type Turn } from './turn.ts'

export type MigrateOptions = {
  /** Of a user who may create roles and schemas. */
  readonly url: string
  readonly schemas: readonly Schema[]
  /** Told what is waited for. */
  readonly log?: Log
  readonly waits?: Partial<Waits>
  /** Gives up at once when it is aborted; what was under way is undone by the server. */
  readonly signal?: AbortSignal | undefined
}

/** What was applied now. */
export type Migrated = readonly { readonly schema: string; readonly file: string }[]

/**
 * Brings the schemas up to date: roles, schemas, and every file that is not yet applied, each in a transaction of its
 * own, or outside one where its first line says `-- outside a transaction`. Safe for any number of starters at once,
 * while the shop runs, and to be begun again after it was killed anywhere. Throws when a file fails, when its locks are
 * not to be had in a minute, and, before anything is changed, an OtherHistory when the database is not of this release or
 * one next to it, and a PoolerBetween. What a later release has applied is left alone and told to the log.
 */
export const migrate = async ({ url, schemas, log, waits, signal }: MigrateOptions): Promise<Migrated> => {
  const all = { ...WAITS, ...waits }
  await using session = await connect(url, { ...all, signal })
  const around: Around = { url, session, waits: all, signal, ...(log !== undefined && { log }) }
  const turn = await takeTurn(around)
  const histories = await readHistories(asking(session.client), schemas)
  refuseOther(histories)
  const later = laterIn(histories)
  if (later !== undefined) log?.warn({ applied: later }, LATER)
  for (const role of rolesOf(schemas)) await createRole(session.client, role)
  const migrated: { schema: string; file: string }[] = []
  for (const schema of schemas) {
    const pending = histories.get(schema.name)?.pending ?? []
    await migrateSchema(around, turn, schema, pending)
    migrated.push(...pending.map(({ key }) => ({ schema: schema.name, file: key })))
  }
  return migrated
}

const LATER =
  'a later release has upgraded this database; this one can work on it only if it is the release just before that one ' +
  '(docs/guide/upgrade.md)'

/** Asks the database something; changes nothing. */
export type Ask = <Row>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>

const asking =
  (client: OpenClient): Ask =>
  async <Row>(text: string, values?: readonly unknown[]) =>
    (await client.query(text, values)).rows as readonly Row[]

/** What the database has against what this release has for it, by the name of the schema. */
export const readHistories = async (ask: Ask, schemas: readonly Schema[]): Promise<ReadonlyMap<string, History>> => {
  const histories = new Map<string, History>()
  for (const { name, folders } of schemas)
    histories.set(name, historyOf(folders.flatMap(filesIn), await appliedTo(ask, name)))
  return histories
}

const migrateSchema = async (
  around: Around,
  turn: Turn,
  schema: Schema,
  pending: readonly MigrationFile[],
): Promise<void> => {
  const { client } = around.session
  const { name, sharedWith } = schema
  const exists = await client.query('select from pg_namespace where nspname = $1', [name])
  if (exists.rowCount === 0) {
    await client.query(`create schema "${name}"${sharedWith === undefined ? ` authorization ${roleOf(name)}` : ''}`)
  }
  if (!(await isNoted(asking(client), name))) await asOwner(client, schema, () => client.query(createNotes(name)))
  for (const file of pending) await apply(around, turn, schema, file)
  if (sharedWith !== undefined) await share(client, name, sharedWith)
}

const isNoted = async (ask: Ask, schema: string): Promise<boolean> =>
  (await ask(`select from pg_tables where schemaname = $1 and tablename = 'migration'`, [schema])).length > 0

const createNotes = (schema: string): string => `create table "${schema}".migration (
  file text primary key,
  sha256 text not null,
  applied_at timestamptz not null default now()
)`

/** Digests of the files that the schema has, by name. */
const appliedTo = async (ask: Ask, schema: string): Promise<ReadonlyMap<string, string>> => {
  if (!(await isNoted(ask, schema))) return new Map()
  const rows = await ask<{ file: string; sha256: string }>(`select file, sha256 from "${schema}".migration`)
  return new Map(rows.map(({ file, sha256 }) => [file, sha256]))
}
