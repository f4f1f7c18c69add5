// Every .sql file outside migrations must prepare against the migrated schema under the role of its service, name its
// parameters in its first comment, be used, and be used with as many values and with such a row as PostgreSQL knows.
// What others include is judged as a part of them. The sins of SQL in test/sins must be seen. `npm run check:sql`.
import { services as ofFleet } from '@apps/argosy/fleet'
import { depot } from '@apps/argosy/new/pattern/services/depot/service'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { openDatabase } from '@kit/postgres/database'
import { includedBy, textOf } from '@kit/postgres/statement'
import { openDescribing } from '@kit/postgres/wire/describe'
import { migrate } from '@kit/migrations/migrate'
import { schemasOf } from '@kit/service/schemas'
import type { Service } from '@kit/service/service'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { judgeSql, sqlRules } from './judge-sql.ts'
import type { Evidence, SqlComplaint } from './judge-sql.ts'
import { compare, plantedIn } from './planted.ts'
import { readStatements } from './statement-types.ts'

/** The pattern of what `argosy new` makes is one of them. */
const services = [...ofFleet, depot]
const root = fileURLToPath(new URL('..', import.meta.url))
const sins = join(root, 'test/sins')
type Answer = Evidence['described'][number]

const ofTree = statementsIn(root)
const ofSins = statementsIn(sins)
const code = readStatements([join(root, 'tsconfig.json'), join(sins, 'tsconfig.json')])
const { typeNames, answers } = await askServer([...ofTree, ...ofSins])

const found = judgeAll(root, ofTree)
const planted = plantedIn(sins)
const unseen = compare(planted, judgeAll(sins, ofSins), {
  rules: Object.keys(sqlRules),
  judges: (rule) => Object.hasOwn(sqlRules, rule),
})

for (const { file, rule, what } of found) console.log(`${file}: ${what}\n  ${rule}: ${sqlRules[rule]}`)
for (const complaint of unseen) console.log(complaint)
const complaints = found.length + unseen.length
console.log(`${ofTree.length} statements of ${services.length} services, ${complaints} complaints`)
process.exitCode = complaints === 0 && ofTree.length > 0 ? 0 : 1

/** Absolute; without what others include. */
function statementsIn(base: string): readonly string[] {
  const exclude = ['**/*migrations*/[0-9]*.sql', '**/test-*', '**/node_modules/**']
  const files = globSync('{kit,services,apps}/**/*.sql', { cwd: base, exclude }).sort()
  const urls = files.map((file) => pathToFileURL(join(base, file)))
  const included = new Set(urls.flatMap((url) => includedBy(url).map(({ href }) => href)))
  return urls.filter(({ href }) => !included.has(href)).map((url) => fileURLToPath(url))
}

function judgeAll(base: string, files: readonly string[]): readonly SqlComplaint[] {
  return files.flatMap((file) =>
    judgeSql({
      file: file.slice(base.length).replace(/^\//, ''),
      text: textOf(pathToFileURL(file)),
      isUsed: isNamedNearby(file),
      declared: code.declared.filter((each) => each.file === file).map(placed),
      calls: code.calls.filter((each) => each.file === file).map(placed),
      described: answers.get(file) ?? [],
      typeNames,
    }),
  )
}

function placed<Placed extends { readonly place: string }>(each: Placed): Placed {
  return { ...each, place: each.place.replace(root, '') }
}

function isNamedNearby(file: string): boolean {
  const used = new RegExp(`['/]${basename(file, '.sql')}(\\.sql)?'`)
  const near = globSync([`${dirname(file)}/*.ts`, `${dirname(dirname(file))}/*.ts`])
  return near.some((source) => used.test(readFileSync(source, 'utf8')))
}

/** What a server of our own, with all schemas, says of each statement to each service that runs it. */
async function askServer(files: readonly string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-sql-'))
  const answers = new Map<string, Answer[]>(files.map((file) => [file, []]))
  try {
    await using postgres = await startEmbedded({ dir, fsync: false })
    await migrate({ url: postgres.url, schemas: schemasOf(services) })
    for (const service of schemaNames()) {
      await using server = openDescribing(postgres.url, service)
      for (const file of files.filter((each) => schemasFor(each).includes(service)))
        answers.get(file)?.push(await answerOf(() => server.describe(textOf(pathToFileURL(file))), service))
    }
    await using database = openDatabase({ url: postgres.url, service: schemaNames()[0] ?? '', max: 1 })
    const types = await database.query<{ oid: number; name: string }>({
      name: 'types',
      text: 'select oid, typname as name from pg_type',
    })
    return { answers, typeNames: new Map(types.map(({ oid, name }) => [oid, name])) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function answerOf(ask: () => Promise<Answer>, service: string): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    return { error: `as ${service}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function schemaNames(): readonly string[] {
  return services.flatMap(({ name, companions = [] }) => [name, ...companions.map((companion) => companion.name)])
}

/** Whose tables a statement works on: its service's, its companion's, or those of all who have the kit's tables. */
function schemasFor(file: string): readonly string[] {
  const home = dirname(file)
  for (const service of services) {
    for (const { name, migrations } of service.companions ?? []) {
      if (migrations.some((folder) => home.startsWith(dirname(fileURLToPath(folder))))) return [name]
    }
  }
  const owner = /\/services\/([^/]+)\//.exec(file)?.[1]
  if (owner !== undefined) return [owner]
  const own = services.filter((service) => has(service, home))
  return (own.length > 0 ? own : services.slice(0, 1)).map(({ name }) => name)
}

/** Whether the service lists migrations that lie beside the statement, or beside its folder. */
function has({ migrations }: Service, home: string): boolean {
  const beside = migrations.map((folder) => dirname(fileURLToPath(folder)))
  return beside.some((folder) => home === folder || dirname(home) === folder)
}
