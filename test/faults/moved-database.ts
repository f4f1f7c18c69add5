import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { stockPrograms } from '../cluster/postgres.ts'

const run = promisify(execFile)
/** Bytes. */
const OUTPUT = 16 * 1024 * 1024

/** Runs clients' programs of PostgreSQL. */
const shell = async (script: string): Promise<void> => {
  await run('bash', ['-o', 'pipefail', '-c', script], {
    maxBuffer: OUTPUT,
    env: { PATH: `${stockPrograms()}:/usr/bin:/bin` },
  })
}

/** What belongs to the server and not to one database. Those that are there already, the owner's, may fail. */
const copyRoles = (from: string, to: string): Promise<void> =>
  shell(`pg_dumpall --roles-only --no-role-passwords -d '${from}' | psql -q -d '${to}'`)

/** Copies a database into one that is new, as its backup would be restored: `pg_dump` into `psql`. */
export const dumpInto = async (from: string, to: string): Promise<void> => {
  await copyRoles(from, to)
  await shell(`pg_dump -d '${from}' | psql -q -v ON_ERROR_STOP=1 -1 -d '${to}'`)
}

export type Replication = {
  /** Once the writers have stopped: waits for the last change, and cuts the two apart. */
  readonly switchOver: () => Promise<void>
}

/** Copies a database that is in use into one that is new, and keeps it up to date: logical replication of all tables. */
export const replicateInto = async (from: string, to: string): Promise<Replication> => {
  await copyRoles(from, to)
  await shell(`pg_dump --schema-only -d '${from}' | psql -q -v ON_ERROR_STOP=1 -1 -d '${to}'`)
  await onServer(from, async (client) => {
    // Without a key of its own a table's updates could not be told.
    for (const { name } of (await client.query<{ name: string }>(WITHOUT_KEY)).rows) {
      await client.query(`alter table ${name} replica identity full`)
    }
    await client.query('create publication moving for all tables')
  })
  const source = new URL(from)
  const conninfo = `host=${source.hostname} port=${source.port} user=${source.username} dbname=${source.pathname.slice(1)}`
  await onServer(to, async (client) => {
    await client.query(`create subscription moving connection '${conninfo}' publication moving`)
    await eventually('all tables are copied', async () => (await client.query(NOT_COPIED)).rowCount === 0)
  })
  return {
    switchOver: async () => {
      await onServer(from, async (client) => {
        const [{ lsn } = { lsn: '' }] = (await client.query<{ lsn: string }>('select pg_current_wal_lsn() as lsn')).rows
        await eventually('the last change has arrived', async () => (await client.query(ARRIVED, [lsn])).rowCount === 1)
      })
      await onServer(to, (client) => client.query('drop subscription moving'))
    },
  }
}

const onServer = async (url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client({ connectionString: url, application_name: 'database mover' })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

const WITHOUT_KEY = `
  select c.oid::regclass::text as name from pg_class c
   where c.relkind in ('r', 'p') and c.relreplident = 'd' and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
     and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`

const NOT_COPIED = `select from pg_subscription_rel where srsubstate <> 'r'`

const ARRIVED = `select from pg_replication_slots where slot_name = 'moving' and confirmed_flush_lsn >= $1::pg_lsn`
