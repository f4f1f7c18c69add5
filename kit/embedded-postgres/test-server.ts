import { mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after } from 'node:test'
import pg from 'pg'
import { startEmbedded, type EmbeddedPostgres } from './embedded.ts'

let embedded: Promise<EmbeddedPostgres> | undefined

/**
 * The PostgreSQL that tests use: `TEST_DATABASE_URL` names one; otherwise one is started, shared with other test processes
 * of this user, and stopped after the tests of the last one. Its folder stays, so that it is made only once.
 */
export const testServer = async (): Promise<string> => {
  // The one setting of the tests themselves; no service reads it.
  // oxlint-disable-next-line no-process-env
  const given = process.env['TEST_DATABASE_URL']
  if (given !== undefined && given !== '') return given
  embedded ??= start()
  return (await embedded).url
}

after(async () => {
  await (await embedded)?.[Symbol.asyncDispose]()
})

const start = async (): Promise<EmbeddedPostgres> => {
  const folder = join(tmpdir(), `argosy-test-${userInfo().uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const server = await startEmbedded({ dir: join(folder, 'pg'), fsync: false })
  await sweep(server.url)
  return server
}

/** Drops what killed tests and migrations of yesterday have left. */
const sweep = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database
      where datname ~ '^argosy_(template|scratch)_'
        and (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '1 day'`,
  )
  for (const { name } of rows) {
    try {
      await client.query(`alter database ${name} is_template false`)
      await client.query(`drop database ${name} with (force)`)
    } catch (error) {
      // Another test process sweeps as well.
      if (Object(error).code !== '3D000') throw error
    }
  }
  await client.end()
}
