import type { OpenClient } from '@kit/postgres/connection/client'
import { roleOf } from '@kit/postgres/role'
import { apply, asOwner } from './apply.ts'
import { connect } from './connect.ts'
import { filesIn } from './files.ts'
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
 * while the shop runs, and to be begun again after it was killed anywhere. Throws when a file fails, when it was
 * changed after it had been applied, and when its locks are not to be had in a minute.
 */
export const migrate = async ({ url, schemas, log, waits, signal }: MigrateOptions): Promise<Migrated> => {
  const all = { ...WAITS, ...waits }
  await using session = await connect(url, { ...all, signal })
  const around: Around = { url, session, waits: all, signal, ...(log !== undefined && { log }) }
  const turn = await takeTurn(around)
  for (const role of rolesOf(schemas)) await createRole(session.client, role)
  const migrated: { schema: string; file: string }[] = []
  for (const schema of schemas) {
    const files = await migrateSchema(around, turn, schema)
    migrated.push(...files.map((file) => ({ schema: schema.name, file })))
  }
  return migrated
}

const migrateSchema = async (around: Around, turn: Turn, schema: Schema): Promise<readonly string[]> => {
  const { client } = around.session
  const { name, folders, sharedWith } = schema
  const exists = await client.query('select from pg_namespace where nspname = $1', [name])
  if (exists.rowCount === 0) {
    await client.query(`create schema "${name}"${sharedWith === undefined ? ` authorization ${roleOf(name)}` : ''}`)
  }
  const applied = await appliedTo(client, schema)
  const files = folders.flatMap(filesIn).filter(({ key, sha256 }) => {
    const before = applied.get(key)
    if (before === undefined || before === sha256) return before === undefined
    throw new Error(
      `migration ${key} of ${name} was changed after it had been applied: undo that and write a further file`,
    )
  })
  for (const file of files) await apply(around, turn, schema, file)
  if (sharedWith !== undefined) await share(client, name, sharedWith)
  return files.map(({ key }) => key)
}

/** Digests of the files that the schema has, by name. */
const appliedTo = async (client: OpenClient, schema: Schema): Promise<ReadonlyMap<string, string>> => {
  const table = `"${schema.name}".migration`
  const exists = await client.query('select from pg_tables where schemaname = $1 and tablename = $2', [
    schema.name,
    'migration',
  ])
  if (exists.rowCount === 0) {
    const create = `create table ${table} (
      file text primary key,
      sha256 text not null,
      applied_at timestamptz not null default now()
    )`
    await asOwner(client, schema, () => client.query(create))
  }
  const { rows } = await client.query<{ file: string; sha256: string }>(`select file, sha256 from ${table}`)
  return new Map(rows.map(({ file, sha256 }) => [file, sha256]))
}
