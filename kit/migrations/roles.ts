import type { OpenClient } from '@kit/postgres/connection/client'
import { roleOf } from '@kit/postgres/role'
import { sql } from '@kit/postgres/statement'
import type { Schema } from './schema.ts'

export const rolesOf = (schemas: readonly Schema[]): readonly string[] => [
  ...new Set(schemas.flatMap(({ name, sharedWith = [name] }) => sharedWith.map(roleOf))),
]

/** Roles belong to the whole server: a migrator of another database may be making the same one. */
export const createRole = async (client: OpenClient, role: string, attempts = 5): Promise<void> => {
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

const selectMissingGrants = sql<{ grant: string }>(import.meta.url, 'select-missing-grants.sql')

/** Opens a schema to the roles of these services: what it has by now and they may not yet read and write. */
export const share = async (client: OpenClient, schema: string, services: readonly string[]): Promise<void> => {
  const roles = services.map(roleOf)
  for (const role of roles) {
    const { rowCount } = await client.query(`select where has_schema_privilege($1, $2, 'usage')`, [role, schema])
    if (rowCount === 0) await client.query(`grant usage on schema "${schema}" to ${role}`)
  }
  const { rows } = await client.query<{ grant: string }>(selectMissingGrants.text, [schema, roles])
  if (rows.length > 0) await client.query(rows.map(({ grant }) => grant).join('; '))
}
