// What needs servers that the shop does not bring along: `npm run test:cluster`. CLUSTER_DATABASE_URL names a PostgreSQL whose user
// may create databases and roles, RABBITMQ_URL a RabbitMQ, KAFKA_URL a Kafka; without them the distribution's own, and a Kafka that Maven
// fetches, are started in a scratch folder.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runTests, type Totals } from '../run-tests.ts'
import { Kafka } from './kafka.ts'
import { KAFKA_VERSION } from './kafka-jars.ts'
import { ifHere } from './not-here.ts'
import { startStockPostgres } from './postgres.ts'
import { Rabbit } from './rabbitmq.ts'

// Some of them, by a part of their names: `npm run test:cluster -- queue [--only 'three nodes']`.
const { positionals: wanted, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } })
const files = globSync(join(import.meta.dirname, '*.cluster.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .toSorted()
const scratch = mkdtempSync(join(tmpdir(), 'argosy-cluster-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

const runOn = (servers: Readonly<Record<string, string>>): Promise<Totals> =>
  runTests({
    files,
    concurrency: 1,
    ...(values.only === undefined ? {} : { testNamePatterns: values.only }),
    timeout: 900_000,
    env: { ...process.env, ...servers },
  })

const postgres = async (owned: AsyncDisposableStack): Promise<string> => {
  const given = process.env['CLUSTER_DATABASE_URL']
  if (given !== undefined) return given
  const { url, version } = owned.use(await startStockPostgres(join(scratch, 'postgres')))
  console.log(`${version}, started for this`)
  return url
}

const rabbitmq = async (owned: AsyncDisposableStack): Promise<string> => {
  const given = process.env['RABBITMQ_URL']
  if (given !== undefined) return given
  const rabbit = owned.use(await Rabbit.start(join(scratch, 'rabbitmq')))
  console.log(`RabbitMQ ${(await rabbit.control(0, 'version')).trim()}, started for this`)
  return rabbit.url
}

const kafka = async (owned: AsyncDisposableStack): Promise<string> => {
  const given = process.env['KAFKA_URL']
  if (given !== undefined) return given
  const { url } = owned.use(await Kafka.start(join(scratch, 'kafka')))
  console.log(`Kafka ${KAFKA_VERSION}, started for this`)
  return url
}

/** Whether one of the files imports `module` itself: a server takes time and memory that others need. */
const isNeeded = (module: string): boolean => files.some((file) => readFileSync(file, 'utf8').includes(`/${module}'`))

/** The server's URL under its variable; nothing where this machine cannot start one: its tests skip themselves. */
const serverFor = async (
  variable: string,
  start: (owned: AsyncDisposableStack) => Promise<string>,
  owned: AsyncDisposableStack,
): Promise<Readonly<Record<string, string>>> => {
  const url = await ifHere(() => start(owned), console.error)
  if (url !== undefined) return { [variable]: url }
  // On a person's machine that is a fact; in CI it would be a test that nobody misses.
  if (process.env['CI'] === 'true') missing++
  return {}
}

let missing = 0
await using owned = new AsyncDisposableStack()
const database = await serverFor('CLUSTER_DATABASE_URL', postgres, owned)
const broker = await serverFor('RABBITMQ_URL', rabbitmq, owned)
const events = isNeeded('kafka-url.ts') ? await serverFor('KAFKA_URL', kafka, owned) : {}
let { passed, failed }: Totals = { passed: 0, failed: 0 }
if (Object.keys(database).length > 0) ({ passed, failed } = await runOn({ ...database, ...broker, ...events }))
else console.error(`not tested: ${files.length} files`)
failed += missing
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
