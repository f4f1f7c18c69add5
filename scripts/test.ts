// All tests over one PostgreSQL of their own: `npm test`, or `npm test -- services/order kit/saga` for some folders.
// Test files run two at a time, each in its own process and its own copy of a migrated template database.
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTests, type Totals } from '../test/run-tests.ts'

const FOLDERS = ['contracts', 'kit', 'services', 'apps', 'bench', 'test']

const root = fileURLToPath(new URL('..', import.meta.url))
const asked = process.argv.slice(2)
const files = (asked.length === 0 ? FOLDERS : asked).flatMap((place) =>
  place.endsWith('.ts')
    ? [place]
    : globSync(`${place}/**/*.test.ts`, { exclude: ['**/node_modules/**', 'test/sins/**'] }),
)
if (files.length === 0) {
  console.error(`no test files in ${asked.join(', ')}`)
  process.exit(2)
}

const scratch = mkdtempSync(join(tmpdir(), 'argosy-test-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

const runAll = async (): Promise<Totals> => {
  await using postgres = await startEmbedded({ dir: join(scratch, 'pg'), fsync: false })
  return await runTests({
    files,
    concurrency: 2,
    timeout: 120_000,
    // What was compiled once is not compiled again by each of the files' processes.
    env: {
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/argosy'),
      ...process.env,
      TEST_DATABASE_URL: postgres.url,
    },
  })
}

const { passed, failed } = await runAll()
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
