import { mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after } from 'node:test'
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
  const folder = join(tmpdir(), `argosy-test-${userInfo().uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  embedded ??= startEmbedded({ dir: join(folder, 'pg'), fsync: false })
  return (await embedded).url
}

after(async () => {
  await (await embedded)?.[Symbol.asyncDispose]()
})
