import type { Session } from '@kit/postgres/session'
import { quoted, SCHEMA, type Writes } from './written.ts'

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
