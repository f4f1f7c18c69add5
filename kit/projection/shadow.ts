import type { Database, Queryable, Tx } from '@kit/postgres/queryable'
import type { Statement } from '@kit/postgres/statement'
import type { Projection } from './projection.ts'

/** A second table like the first, with notes of what changes meanwhile. Its SQL is made here, for names cannot be parameters. */
export type Shadow = {
  readonly nameOf: (what: string) => string
  /** Makes it, without its indexes, and lets a trigger note changes. Clears away what earlier ones have left. */
  readonly begin: (tx: Tx) => Promise<void>
  readonly insert: (db: Queryable, rows: readonly object[]) => Promise<void>
  /** A table is filled faster than its indexes. Takes as long as it takes. */
  readonly addIndexes: (tx: Tx) => Promise<void>
  /** Takes the notes. */
  readonly takeChanged: (tx: Tx) => Promise<readonly string[]>
  readonly replace: (tx: Tx, keys: readonly string[], rows: readonly object[]) => Promise<void>
  /** Keeps everybody from the table and writers from its source. */
  readonly lock: (tx: Tx) => Promise<void>
  /** Drops the first table and gives the second its name and those of its indexes. */
  readonly swap: (tx: Tx) => Promise<void>
  /** Removes the notes, and the second table if it is still that. Keeps everybody from the source for a moment. */
  readonly clear: (tx: Tx) => Promise<void>
  /** What is there until it is cleared, in words. */
  readonly leavings: string
  /** Rows of the table that has the name now, however long that takes to count. */
  readonly count: (tx: Tx) => Promise<number>
}

type Index = { readonly name: string; readonly definition: string; readonly isConstraint: boolean }

export const shadowOf = async (db: Database, { table, key, source }: Projection, mark: string): Promise<Shadow> => {
  const next = `${table}_next_${mark}`
  const changed = `${table}_changed_${mark}`
  const nameOf = (what: string): string => `rebuild ${table} ${mark}: ${what}`
  let count = 0
  const run = <Row = unknown>(db: Queryable, text: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
    db.query<Row>({ name: nameOf(String(++count)), text } satisfies Statement<Row>, values)
  const insertRows = {
    name: nameOf('insert'),
    text: `insert into ${next} select * from json_populate_recordset(null::${next}, $1::json)`,
  }
  const takeNotes: Statement<{ key: string }> = {
    name: nameOf('take'),
    text: `with taken as (delete from ${changed} returning key) select distinct key from taken`,
  }
  const deleteRows = { name: nameOf('delete'), text: `delete from ${next} where ${key} = any ($1::uuid[])` }
  const indexes = await indexesOf(db, table)

  const begin = async (tx: Tx): Promise<void> => {
    for (const name of await leftBehind(tx, table)) await run(tx, name)
    const [options] = await run<{ options: string | null }>(
      tx,
      `select array_to_string(reloptions, ', ') as options from pg_class where oid = '${table}'::regclass`,
    )
    await run(tx, `create table ${next} (like ${table} including defaults including constraints including storage)`)
    if (options?.options) await run(tx, `alter table ${next} set (${options.options})`)
    await run(tx, `create table ${changed} (key uuid not null)`)
    await run(
      tx,
      `create function ${changed}() returns trigger language plpgsql as
       $$ begin insert into ${changed} select distinct ${source.key} from inserted; return null; end $$`,
    )
    // Waits until all who write the source have committed: what they wrote is seen, what comes later is noted.
    await run(
      tx,
      `create trigger ${changed} after insert on ${source.table}
         referencing new table as inserted for each statement execute function ${changed}()`,
    )
  }

  const insert = async (db: Queryable, rows: readonly object[]): Promise<void> => {
    if (rows.length > 0) await db.query(insertRows, [JSON.stringify(rows)])
  }

  return {
    nameOf,
    begin,
    insert,
    addIndexes: async (tx) => {
      await tx.query(takeYourTime)
      for (const { name, definition, isConstraint } of indexes) {
        const own = `${name}_${mark}`
        await run(
          tx,
          isConstraint
            ? `alter table ${next} add constraint ${own} ${definition}`
            : definition.replace(/ INDEX (\S+) ON (\S+) /, ` INDEX ${own} ON ${next} `),
        )
      }
    },
    takeChanged: async (tx) => (await tx.query(takeNotes)).map((row) => row.key),
    replace: async (tx, keys, rows) => {
      await tx.query(deleteRows, [keys])
      await insert(tx, rows)
    },
    lock: async (tx) => {
      // In the order in which writers take theirs: the row first, then its source.
      await run(tx, `lock table ${table} in access exclusive mode`)
      await run(tx, `lock table ${source.table} in share row exclusive mode`)
    },
    swap: async (tx) => {
      await run(tx, `drop table ${table}`)
      await run(tx, `alter table ${next} rename to ${table}`)
      for (const { name } of indexes) await run(tx, `alter index ${name}_${mark} rename to ${name}`)
    },
    clear: async (tx) => {
      await run(tx, `drop function if exists ${changed}() cascade`)
      await run(tx, `drop table if exists ${changed}, ${next}`)
    },
    leavings: `the trigger ${changed} on ${source.table}, which notes every change, and its table`,
    count: async (tx) => {
      await tx.query(takeYourTime)
      return Number((await run<{ n: number }>(tx, `select count(*) as n from ${table}`))[0]?.n)
    },
  }
}

/** The pool ends statements that take long; these may. */
const takeYourTime = { name: 'rebuild: take your time', text: 'set local statement_timeout = 0' }

/** The keys and indexes of a table. Constraints bring their index with them. */
const indexesOf = async (db: Queryable, table: string): Promise<readonly Index[]> =>
  db.query<Index>({
    name: `rebuild ${table}: indexes`,
    text: `select i.relname as name, coalesce(pg_get_constraintdef(c.oid), pg_get_indexdef(i.oid)) as definition,
                  c.oid is not null as "isConstraint"
             from pg_index x
             join pg_class i on i.oid = x.indexrelid
             left join pg_constraint c on c.conindid = i.oid and c.contype in ('p', 'u', 'x') and c.conrelid = x.indrelid
            where x.indrelid = '${table}'::regclass
            order by i.relname`,
  })

/** Statements that remove what a rebuild has left that died. */
const leftBehind = async (tx: Tx, table: string): Promise<readonly string[]> => {
  const left = await tx.query<{ statement: string }>({
    name: `rebuild ${table}: left behind`,
    text: `select format('drop function %I() cascade', proname) as statement from pg_proc
            where pronamespace = current_schema::regnamespace and proname ~ '^${table}_changed_[0-9a-f]{6}$'
           union all
           select format('drop table %I', relname) from pg_class
            where relnamespace = current_schema::regnamespace and relkind = 'r' and relname ~ '^${table}_(next|changed)_[0-9a-f]{6}$'`,
  })
  return left.map(({ statement }) => statement)
}
