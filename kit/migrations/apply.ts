import type { OpenClient } from '@kit/postgres/connection/client'
import { roleOf } from '@kit/postgres/role'
import { sql } from '@kit/postgres/statement'
import { WORK } from './connect.ts'
import type { MigrationFile } from './files.ts'
import type { Schema } from './schema.ts'
import { patiently, type Around } from './patience.ts'
import { share } from './roles.ts'
import type { Turn } from './turn.ts'

const selectIndex = sql<{ valid: boolean }>(import.meta.url, 'select-index.sql')

/** Applies a file and notes it, in one transaction where that can be. Tries again while the locks are not to be had. */
export const apply = (around: Around, turn: Turn, schema: Schema, file: MigrationFile): Promise<void> => {
  const what = `${file.key} of ${schema.name}`
  if (file.outside === undefined) return patiently(around, what, () => applyInside(around, schema, file))
  return turn.aside(async () => {
    await patiently(around, what, () => applyOutside(around, schema, file))
    await asOwner(around.session.client, schema, (client) => note(client, schema, file))
  })
}

const applyInside = ({ session: { client } }: Around, schema: Schema, file: MigrationFile): Promise<void> =>
  asOwner(client, schema, async () => {
    await run(client, schema, file)
    await note(client, schema, file)
    // At once: a release that runs meanwhile may use a table that has taken another one's place.
    if (schema.sharedWith !== undefined) await share(client, schema.name, schema.sharedWith)
  })

/**
 * The statement alone. What a killed try has left of an index is dropped; an index that can be used was finished by it.
 * Nobody who reads or writes waits behind a statement that is `concurrently` done, so it may wait as long as there is
 * patience.
 */
const applyOutside = async (
  { session: { client }, waits }: Around,
  schema: Schema,
  file: MigrationFile,
): Promise<void> => {
  const { outside } = file
  try {
    for (const statement of settingsOf(schema, 'session')) await client.query(statement)
    if (outside?.kind !== 'call') await client.query(`set lock_timeout = ${waits.patience}`)
    if (outside?.kind === 'create index') {
      const { rows } = await client.query<{ valid: boolean }>(selectIndex.text, [schema.name, outside.index])
      if (rows[0]?.valid === true) return
      if (rows.length > 0)
        await client.query(`drop index concurrently ${client.escapeIdentifier(outside.index)}`, [], WORK)
    }
    await run(client, schema, file)
  } finally {
    await client.query('reset role; reset search_path; reset lock_timeout').catch(() => undefined)
  }
}

const run = async (client: OpenClient, { name }: Schema, { key, text }: MigrationFile): Promise<void> => {
  try {
    await client.query(text, [], WORK)
  } catch (cause) {
    throw new Error(`migration ${key} of ${name} failed: ${Object(cause).message}`, { cause })
  }
}

const note = async (client: OpenClient, { name }: Schema, { key, sha256 }: MigrationFile): Promise<void> => {
  await client.query(`insert into "${name}".migration (file, sha256) values ($1, $2)`, [key, sha256])
}

/** In one transaction, under the role and with the search path that the schema's service works with. */
export const asOwner = async (
  client: OpenClient,
  schema: Schema,
  work: (client: OpenClient) => Promise<unknown>,
): Promise<void> => {
  await client.query('begin')
  try {
    for (const statement of settingsOf(schema, 'local')) await client.query(statement)
    await work(client)
    await client.query('commit', [], WORK)
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

const settingsOf = ({ name, sharedWith }: Schema, scope: 'local' | 'session'): readonly string[] => [
  ...(sharedWith === undefined ? [`set ${scope} role ${roleOf(name)}`] : []),
  `set ${scope} search_path = "${name}", log`,
]
