import type { Session } from '@kit/postgres/session'

/** Rows that a table was given, by purchase. */
export type Writes = {
  readonly table: string
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
}

/** Where the floor works. */
export const SCHEMA = 'bench_floor'

/** Catches what PostgreSQL counts as written, and rows that are gone when the run is over. */
export type Watch = {
  /** Keeps some rows of the tables from which rows are deleted: jobs are done before anybody can read them. */
  readonly catchRows: () => Promise<void>
  /** What was written since, for each of so many purchases. Tables with less than a row in 100 purchases are left out. */
  readonly writesPer: (purchases: number) => Promise<readonly Writes[]>
}

export const watchWrites = async (session: Session): Promise<Watch> => {
  await session.query(`create schema ${SCHEMA}`)
  const before = new Map((await session.query<Row>(COUNTS)).map((row) => [row.table, row]))
  return {
    catchRows: async () => {
      for (const { table, deletes } of await session.query<Row>(COUNTS)) {
        if (Number(deletes) === 0) continue
        const seen = `${SCHEMA}."seen ${table}"`
        await session.query(`create table if not exists ${seen} as select * from ${quoted(table)} limit 0`)
        await session.query(`insert into ${seen} select * from ${quoted(table)} limit 500`)
      }
    },
    writesPer: async (purchases) => {
      // A backend with nothing to do tells its counts after 10 s.
      await new Promise((resolve) => setTimeout(resolve, 10_500))
      const grown = (row: Row, name: 'inserts' | 'updates' | 'deletes'): number =>
        (Number(row[name]) - Number(before.get(row.table)?.[name] ?? 0)) / purchases
      return (await session.query<Row>(COUNTS))
        .map((row) => ({
          table: row.table,
          inserts: grown(row, 'inserts'),
          updates: grown(row, 'updates'),
          deletes: grown(row, 'deletes'),
        }))
        .filter(({ inserts, updates, deletes }) => inserts + updates + deletes >= 0.01)
    },
  }
}

type Row = { readonly table: string; readonly inserts: string; readonly updates: string; readonly deletes: string }

const COUNTS = `
  select schemaname || '.' || relname as table, n_tup_ins as inserts, n_tup_upd as updates, n_tup_del as deletes
    from pg_stat_user_tables where schemaname <> '${SCHEMA}' order by 1`

/** A table of the floor like one of the shop, and numbered rows to write into it. */
export type Copy = Writes & {
  readonly name: string
  readonly rows: string
  readonly count: number
  readonly keys: readonly string[]
  readonly columns: readonly Column[]
}

type Column = { readonly name: string; readonly type: string; readonly key: boolean; readonly indexed: boolean }

/** Makes the copy: same columns, constraints, indexes and storage; its rows are those that the run has written. */
export const copyTable = async (session: Session, writes: Writes, purchases: number): Promise<Copy> => {
  const [original, name, rows] = [
    quoted(writes.table),
    `${SCHEMA}."${writes.table}"`,
    `${SCHEMA}."rows ${writes.table}"`,
  ]
  const columns = await session.query<Column>(COLUMNS, [original])
  const keys = columns.filter(({ key }) => key).map((column) => column.name)
  await session.query(`create table ${name} (like ${original} including all excluding identity)`)
  const [settings] = await session.query<{ list: string | null }>(
    `select array_to_string(reloptions, ', ') as list from pg_class where oid = $1::regclass`,
    [original],
  )
  if (typeof settings?.list === 'string') await session.query(`alter table ${name} set (${settings.list})`)
  await session.query(`create table ${rows} as ${rowsOf(writes, original, columns, keys, purchases)}`)
  await session.query(`create unique index on ${rows} (floor_n)`)
  await session.query(`analyze ${rows}`)
  const [found] = await session.query<{ n: string }>(`select count(*) as n from ${rows}`)
  return { ...writes, name, rows, count: Number(found?.n), keys, columns }
}

/** Rows that do not stay are few; they come again under new keys. */
const rowsOf = (
  { table, inserts, deletes }: Writes,
  original: string,
  columns: readonly Column[],
  keys: readonly string[],
  purchases: number,
): string => {
  const limit = inserts > 0 ? Math.ceil(inserts * purchases) : 10_000
  const order = keys.length === 0 ? '' : `order by ${keys.map((key) => `"${key}"`).join(', ')}`
  if (deletes < inserts / 2 || deletes === 0)
    return `select t.*, row_number() over () as floor_n from (select * from ${original} ${order} limit ${limit}) t`
  const values = columns.map(
    ({ name, type, key }) => `${key && type === 'uuid' ? 'uuidv7()' : `"${name}"`} as "${name}"`,
  )
  return `select ${values.join(', ')}, row_number() over () as floor_n
            from ${SCHEMA}."seen ${table}", generate_series(1, ${limit}) limit ${limit}`
}

const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, null) as type,
         exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)) as key,
         exists (select from pg_index i left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                  where i.indrelid = a.attrelid
                    and (a.attnum = any (i.indkey) or (d.refobjid = a.attrelid and d.refobjsubid = a.attnum))) as indexed
    from pg_attribute a
   where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
   order by a.attnum`

const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')
