import { openClient, type OpenClient } from '@kit/postgres/client'
import { filesIn, type MigrationFile } from './files.ts'
import { roleOf } from '@kit/postgres/pool'

/** A schema and the folders of numbered `.sql` files that make it, in order. */
export type Schema = {
  readonly name: string
  readonly folders: readonly URL[]
  /**
   * Absent: a service's own, owned by its role and closed to all others. Otherwise the schema belongs to the migrating
   * user, and the roles of these services may read and write its tables.
   */
  readonly sharedWith?: readonly string[]
}

export type MigrateOptions = {
  /** Of a user who may create roles and schemas. */
  readonly url: string
  readonly schemas: readonly Schema[]
}

/** What was applied now. */
export type Migrated = readonly { readonly schema: string; readonly file: string }[]

/** Only one migrates a database at a time; the others wait and then find nothing left to do. */
const LOCK = 0x6172676f
/**
 * How long a file may take, and another process with all of them, in ms: an index over a large table is not made in
 * seconds.
 */
const WORK = 3_600_000

/**
 * Brings the schemas up to date: roles, schemas, and every file that is not yet applied, each in a transaction of its
 * own. Safe for any number of starters at once. Throws when a file fails, or was changed after it had been applied.
 */
export const migrate = async ({ url, schemas }: MigrateOptions): Promise<Migrated> => {
  await using client = await openClient({ url, name: 'argosy migrate' })
  await client.query('select pg_advisory_lock($1)', [LOCK], WORK)
  for (const role of rolesOf(schemas)) await createRole(client, role)
  const migrated: { schema: string; file: string }[] = []
  for (const schema of schemas) {
    const files = await migrateSchema(client, schema)
    migrated.push(...files.map((file) => ({ schema: schema.name, file })))
  }
  return migrated
}

const rolesOf = (schemas: readonly Schema[]): readonly string[] => [
  ...new Set(schemas.flatMap(({ name, sharedWith = [name] }) => sharedWith.map(roleOf))),
]

/** Roles belong to the whole server: a migrator of another database may be making the same one. */
const createRole = async (client: OpenClient, role: string, attempts = 5): Promise<void> => {
  try {
    await client.query(`do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
      -- From version 16 on, who has made a role may manage it, but not yet act as it.
      if not pg_has_role('${role}', case when current_setting('server_version_num')::int < 160000 then 'MEMBER' else 'SET' end)
      then execute format('grant ${role} to %I', current_user); end if;
    end $$`)
  } catch (error) {
    if (attempts === 1 || !MADE_MEANWHILE.has(Object(error).code)) throw error
    await createRole(client, role, attempts - 1)
  }
}

/** unique_violation, duplicate_object, and `tuple concurrently updated`, which has no code of its own. */
const MADE_MEANWHILE = new Set(['23505', '42710', 'XX000'])

const migrateSchema = async (client: OpenClient, schema: Schema): Promise<readonly string[]> => {
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
  for (const file of files) await apply(client, schema, file)
  if (sharedWith !== undefined) await share(client, name, sharedWith, files.length > 0)
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

const apply = (client: OpenClient, schema: Schema, { key, text, sha256 }: MigrationFile): Promise<void> =>
  asOwner(client, schema, async () => {
    try {
      await client.query(text, [], WORK)
    } catch (cause) {
      throw new Error(`migration ${key} of ${schema.name} failed: ${Object(cause).message}`, { cause })
    }
    await client.query(`insert into "${schema.name}".migration (file, sha256) values ($1, $2)`, [key, sha256])
  })

/** In one transaction, under the role and with the search path that the schema's service works with. */
const asOwner = async (
  client: OpenClient,
  { name, sharedWith }: Schema,
  work: () => Promise<unknown>,
): Promise<void> => {
  await client.query('begin')
  try {
    if (sharedWith === undefined) await client.query(`set local role ${roleOf(name)}`)
    await client.query(`set local search_path = "${name}", log`)
    await work()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

const share = async (
  client: OpenClient,
  schema: string,
  services: readonly string[],
  changed: boolean,
): Promise<void> => {
  for (const role of services.map(roleOf)) {
    const { rowCount } = await client.query(`select where has_schema_privilege($1, $2, 'usage')`, [role, schema])
    if (rowCount === 1 && !changed) continue
    await client.query(`grant usage on schema "${schema}" to ${role}`)
    await client.query(`grant select, insert, update, delete on all tables in schema "${schema}" to ${role}`)
  }
}
