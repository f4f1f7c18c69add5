// What the shop has written for each purchase, by PostgreSQL's own count.
import type { Session } from '@kit/postgres/session'

/** Rows that a table was given, by purchase. */
export type Writes = {
  readonly table: string
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  /** Updates of which no index had to know: the new version is on the page of the old one; absent where it was not looked at. */
  readonly in_place?: number
}

export type Written = {
  /** Inserts, updates and deletes by purchase, over all tables; rows that TOAST keeps apart are not counted. */
  readonly row_writes: number
  readonly writes: readonly Writes[]
}

/** Share of the updates of a table, from 0 to 1, that were done in place; of tables with one for every second purchase. */
export const inPlace = ({ writes }: Written): Readonly<Record<string, number>> =>
  Object.fromEntries(
    writes.flatMap(({ table, updates, in_place = 0 }) => (updates < 0.5 ? [] : [[table, in_place / updates]])),
  )

/** Bytes by purchase that tables have grown by, with their indexes, TOAST and maps. */
export type Grown = { readonly bytes: number; readonly by_table: Readonly<Record<string, number>> }

/** The schema in which the floor works: it is no part of the shop. */
export const SCHEMA = 'bench_floor'

/** Catches what PostgreSQL counts as written, and rows that are gone when the run is over. */
export type Watch = {
  /** Keeps some rows of the tables from which rows are deleted: jobs are done before anybody can read them. */
  readonly catchRows: () => Promise<void>
  /** What was written since, for each of so many purchases. */
  readonly writtenPer: (purchases: number) => Promise<Written>
  /** How much the tables have grown since, as they lie there: dead rows and room that is free again included. */
  readonly grownPer: (purchases: number) => Promise<Grown>
  /** Rewrites the tables, so that no dead row is left. Nobody else may work meanwhile. */
  readonly compact: () => Promise<void>
}

export const watchTables = async (session: Session): Promise<Watch> => {
  await session.query(`create schema ${SCHEMA}`)
  const look = (): Promise<readonly Row[]> => session.query<Row>(TABLES)
  const before = new Map((await look()).map((row) => [row.table, row]))
  const grown = (row: Row, name: Exclude<keyof Row, 'table'>): number =>
    Number(row[name]) - Number(before.get(row.table)?.[name] ?? 0)
  return {
    catchRows: async () => {
      for (const { table, deletes } of await look()) {
        if (Number(deletes) === 0) continue
        const seen = `${SCHEMA}."seen ${table}"`
        await session.query(`create table if not exists ${seen} as select * from ${quoted(table)} limit 0`)
        await session.query(`insert into ${seen} select * from ${quoted(table)} limit 500`)
      }
    },
    writtenPer: async (purchases) => {
      // A backend with nothing to do tells its counts after 10 s.
      await new Promise((resolve) => setTimeout(resolve, 10_500))
      const writes = (await look())
        .map((row) => ({
          table: row.table,
          inserts: grown(row, 'inserts') / purchases,
          updates: grown(row, 'updates') / purchases,
          deletes: grown(row, 'deletes') / purchases,
          in_place: grown(row, 'in_place') / purchases,
        }))
        .filter((each) => rowsOf(each) > 0)
      return { row_writes: sum(writes.map(rowsOf)), writes }
    },
    grownPer: async (purchases) => {
      const sizes = (await look()).map((row) => [row.table, grown(row, 'bytes') / purchases] as const)
      return {
        bytes: sum(sizes.map(([, bytes]) => bytes)),
        by_table: Object.fromEntries(sizes.filter(([, bytes]) => bytes !== 0)),
      }
    },
    compact: async () => {
      const tables = (await look()).filter((row) => grown(row, 'bytes') > 0).map(({ table }) => quoted(table))
      if (tables.length > 0) await session.query(`vacuum (full) ${tables.join(', ')}`)
    },
  }
}

export const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')

type Row = Readonly<Record<'table' | 'inserts' | 'updates' | 'deletes' | 'in_place' | 'bytes', string>>

const TABLES = `
  select schemaname || '.' || relname as table, n_tup_ins as inserts, n_tup_upd as updates, n_tup_del as deletes,
         n_tup_hot_upd as in_place,
         pg_total_relation_size(relid) as bytes
    from pg_stat_user_tables where schemaname <> '${SCHEMA}' order by 1`

const rowsOf = ({ inserts, updates, deletes }: Writes): number => inserts + updates + deletes
const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0)
