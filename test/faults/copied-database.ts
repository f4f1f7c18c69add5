import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/**
 * Copies all that a database holds into one that already has the tables, and nothing worth keeping in them: what a logical
 * backup restores, with the sequences, on a server that counts its transactions anew. For a server whose version has no
 * `pg_dump` here. Both servers see `dir`.
 */
export const copyDatabase = async (from: string, to: string, dir: string): Promise<void> => {
  mkdirSync(dir, { recursive: true })
  const source = await connect(from)
  const target = await connect(to)
  try {
    await source.query('begin isolation level repeatable read')
    await target.query(`begin; set local session_replication_role = 'replica'`)
    for (const { statement } of await rows<{ statement: string }>(source, PARTITIONS)) await target.query(statement)
    const tables = (await rows<{ name: string }>(source, TABLES)).map(({ name }) => name)
    await target.query(`truncate ${tables.join(', ')}`)
    for (const [n, table] of tables.entries()) await copyTable(source, target, table, join(dir, String(n)))
    for (const { statement } of await rows<{ statement: string }>(source, SEQUENCES)) await target.query(statement)
    await target.query('commit')
    await source.query('commit')
  } finally {
    await Promise.all([source.end(), target.end()])
    rmSync(dir, { recursive: true, force: true })
  }
}

const copyTable = async (source: pg.Client, target: pg.Client, table: string, file: string): Promise<void> => {
  const [{ columns } = { columns: '' }] = await rows<{ columns: string }>(source, COLUMNS, [table])
  await source.query(`copy (select ${columns} from ${table}) to '${file}' (format binary)`)
  await target.query(`copy ${table} (${columns}) from '${file}' (format binary)`)
}

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, application_name: 'database copier' })
  await client.connect()
  return client
}

const rows = async <Row extends object>(client: pg.Client, text: string, values: unknown[] = []): Promise<Row[]> =>
  (await client.query<Row>(text, values)).rows

const OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

/** Of partitioned tables the parent: it sends each row to its place. */
const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't' and ${OURS}
   order by 1`

/** What is generated is generated again. */
const COLUMNS = `
  select string_agg(quote_ident(attname), ', ' order by attnum) as columns
    from pg_attribute
   where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`

/** Parents first. Those that the target has as well stay. */
const PARTITIONS = `
  select format('create table if not exists %I.%I partition of %s %s%s', n.nspname, c.relname, i.inhparent::regclass,
                pg_get_expr(c.relpartbound, c.oid),
                case when c.relkind = 'p' then ' partition by ' || pg_get_partkeydef(c.oid) else '' end) as statement
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_inherits i on i.inhrelid = c.oid
   where c.relispartition and c.relkind in ('r', 'p') and ${OURS}
   order by c.relkind = 'r', c.oid`

const SEQUENCES = `
  select format('select setval(%L, %s, true)', format('%I.%I', schemaname, sequencename), last_value) as statement
    from pg_sequences where last_value is not null`
