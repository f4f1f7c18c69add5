import { openClient, type OpenClient } from '@kit/postgres/connection/client'
import { escapeLiteral } from 'pg'
import { freshDatabase } from './fresh-database.ts'

/**
 * A new database in which the schemas of services stand side by side although each service has a database of its own: for who
 * reads the books of all. It keeps nothing; its tables are those of the others, read through `postgres_fdw`.
 */
export const shownTogether = async (url: string, name: string, databases: readonly string[]): Promise<string> => {
  const together = await freshDatabase(url, name)
  await using here = await openClient({ url: together, name: 'shown together' })
  await here.query('create extension postgres_fdw')
  for (const database of databases) {
    await using there = await openClient({ url: database, name: 'shown together' })
    const server = await addServer(here, database)
    const { rows } = await there.query<{ schema: string }>(SCHEMAS)
    for (const { schema } of rows) await show(here, server, schema)
    const { rows: functions } = await there.query<{ definition: string }>(FUNCTIONS)
    for (const { definition } of functions) await here.query(definition)
  }
  return together
}

/** All but the log's, which each database has. */
const SCHEMAS = `
  select nspname as schema from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public', 'log')`

/** What reads the tables of its schema. */
const FUNCTIONS = `select pg_get_functiondef(oid) as definition from pg_proc where proname = 'history_of'`

/** The quoted name of a server by which the database is read. */
const addServer = async (here: OpenClient, database: string): Promise<string> => {
  const { hostname, port, pathname, username, password } = new URL(database)
  const server = here.escapeIdentifier(pathname.slice(1))
  const options = (pairs: Readonly<Record<string, string>>): string =>
    Object.entries(pairs)
      .map(([key, value]) => `${key} ${escapeLiteral(value)}`)
      .join()
  const place = options({ host: hostname, port, dbname: pathname.slice(1), fetch_size: '10000' })
  await here.query(`create server ${server} foreign data wrapper postgres_fdw options (${place})`)
  const user = options({ user: username, ...(password !== '' && { password }) })
  await here.query(`create user mapping for current_user server ${server} options (${user})`)
  return server
}

/**
 * Each table is an empty one with the foreign one as its only child: so it is found in `pg_tables`, where foreign tables
 * are not.
 */
const show = async (here: OpenClient, server: string, name: string): Promise<void> => {
  const schema = here.escapeIdentifier(name)
  const far = here.escapeIdentifier(`${name} far away`)
  await here.query(`create schema ${schema}; create schema ${far}`)
  await here.query(`import foreign schema ${schema} from server ${server} into ${far}`)
  const { rows } = await here.query<{ table: string }>(
    'select foreign_table_name as table from information_schema.foreign_tables where foreign_table_schema = $1',
    [`${name} far away`],
  )
  for (const { table } of rows) {
    const own = here.escapeIdentifier(table)
    await here.query(`create table ${schema}.${own} (like ${far}.${own})`)
    await here.query(`alter foreign table ${far}.${own} inherit ${schema}.${own}`)
  }
}
