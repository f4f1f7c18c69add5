// An upgrade of a shop that sells, and back: instances of the last release and of this one side by side on one
// PostgreSQL.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../eventually.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { openToCustomers, type Customers } from './rolling-upgrade/customers.ts'
import { Door } from './rolling-upgrade/door.ts'
import { Instances } from './rolling-upgrade/instances.ts'
import { checkOut, lastRelease, missing } from './rolling-upgrade/release.ts'
import { complaintsAbout } from './rolling-upgrade/verdict.ts'

/** The first new one migrates, while the old ones sell. Then all the way back, and forward again. */
const STEPS = [
  ['start new 1', 'stop old 1', 'start new 2', 'stop old 2'],
  ['start old 3', 'stop new 1', 'start old 4', 'stop new 2'],
  ['start new 3', 'stop old 3', 'start new 4', 'stop old 4'],
].flat()

/** So many purchases are accepted between two steps: some two seconds. */
const BETWEEN = 30

test('from the last release to this one, back, and forward again', { timeout: 300_000 }, async (t) => {
  const commit = lastRelease()
  const reason = await missing(commit)
  if (reason !== undefined) {
    assert.notEqual(process.env['CI'], 'true', reason)
    return t.skip(reason)
  }
  await using owned = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'argosy-rolling-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const old = join(dir, 'release')
  await checkOut(commit, old)
  const databaseUrl = await freshDatabase(clusterUrl(), 'argosy_rolling')
  const door = owned.use(await Door.open())
  const env = { DATABASE_URL: databaseUrl, ORDER_REMINDERS: '[]', ORDER_EXPIRY: '1h' }
  const instances = owned.use(new Instances({ door, dir, env, roots: { old } }))
  await instances.start('old 1')
  await instances.start('old 2')
  const customers = owned.use(await openToCustomers(door.url))
  const halted = await upgrade(instances, customers).then(
    () => [],
    (error: unknown) => [`halted: ${String(error)}`],
  )
  await customers.stop()
  const answered = JSON.stringify(Object.fromEntries(door.answered))
  instances.write(`${customers.accepted()} purchases accepted, ${answered} requests`)
  const complaints = [...halted, ...(await complaintsAbout(databaseUrl, customers, door, instances))]
  if (complaints.length === 0) return
  console.log(`${instances.lastWords}\n\n${complaints.length} complaints:\n${complaints.join('\n')}`)
  assert.fail([`${complaints.length} complaints, after what the instances have said above`, ...complaints].join('\n'))
})

const upgrade = async (instances: Instances, customers: Customers): Promise<void> => {
  const enough = (): Promise<void> => {
    const until = customers.accepted() + BETWEEN
    return eventually(`${BETWEEN} further purchases`, () => customers.accepted() >= until)
  }
  await enough()
  for (const step of STEPS) {
    const name = step.replace(/^\w+ /, '')
    await (step.startsWith('start') ? instances.start(name) : instances.stop(name))
    await enough()
  }
}
