// What needs servers that the shop does not bring along: `npm run test:cluster`. CLUSTER_DATABASE_URL names a PostgreSQL whose user
// may create databases and roles; without it the distribution's own is started in a scratch folder.
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { NotHere } from './not-here.ts'
import { startStockPostgres } from './postgres.ts'

const given = process.env['CLUSTER_DATABASE_URL']
const files = globSync(join(import.meta.dirname, '*.cluster.ts')).toSorted()
const scratch = mkdtempSync(join(tmpdir(), 'argosy-cluster-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

let passed = 0
let failed = 0

const runOn = async (url: string): Promise<void> => {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const events = run({
    files,
    concurrency: 1,
    timeout: 600_000,
    signal: stop.signal,
    env: { ...process.env, CLUSTER_DATABASE_URL: url },
  })
  events.on('test:summary', ({ file, counts }) => {
    if (file !== undefined) return
    passed = counts.passed
    failed = counts.tests - counts.passed - counts.skipped - counts.todo
  })
  events.compose(spec()).pipe(process.stdout)
  await new Promise((resolve) => events.once('close', resolve))
}

try {
  if (given !== undefined) await runOn(given)
  else {
    await using postgres = await startStockPostgres(join(scratch, 'postgres'))
    console.log(`${postgres.version}, started for this`)
    await runOn(postgres.url)
  }
} catch (error) {
  if (!(error instanceof NotHere)) throw error
  console.error(error.message)
  // On a person's machine that is a fact; in CI it would be a test that nobody misses.
  if (process.env['CI'] === 'true') failed++
  else console.error(`not tested: ${files.length} files`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
