// Every .sql file outside migrations must prepare against the migrated schema under the role of its service, name its
// parameters in its first comment, and be used. What others include is judged as a part of them. `npm run check:sql`.
import { services } from '@apps/argosy/fleet'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { openDatabase } from '@kit/postgres/database'
import { includedBy, textOf } from '@kit/postgres/statement'
import { migrate } from '@kit/migrations/migrate'
import { schemasOf } from '@kit/service/schemas'
import type { Service } from '@kit/service/service'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const found = globSync('{kit,services,apps}/**/*.sql', {
  cwd: root,
  exclude: ['**/*migrations*/[0-9]*.sql', '**/test-*', '**/node_modules/**'],
}).sort()

const urlOf = (file: string): URL => pathToFileURL(join(root, file))
const included = new Set(found.flatMap((file) => includedBy(urlOf(file)).map(({ href }) => href)))
const files = found.filter((file) => !included.has(urlOf(file).href))

const complaints: string[] = []
for (const file of files) {
  const text = textOf(urlOf(file))
  checkComment(file, text)
  checkUse(file)
}
await checkPreparation()

for (const complaint of complaints) console.log(complaint)
console.log(`${files.length} statements of ${services.length} services, ${complaints.length} complaints`)
process.exitCode = complaints.length === 0 && files.length > 0 ? 0 : 1

function checkComment(file: string, text: string): void {
  const comment = /^(\s*--[^\n]*\n)*/.exec(text)?.[0] ?? ''
  const numbers = new Set(text.slice(comment.length).match(/\$\d+/g))
  for (const number of numbers) {
    if (!new RegExp(`\\${number}\\b`).test(comment))
      complaints.push(`${file}: its first comment does not name ${number}`)
  }
}

function checkUse(file: string): void {
  const name = basename(file, '.sql')
  const near = globSync([`${dirname(file)}/*.ts`, `${dirname(dirname(file))}/*.ts`], { cwd: root })
  const used = new RegExp(`['/]${name}(\\.sql)?'`)
  if (!near.some((source) => used.test(readFileSync(join(root, source), 'utf8'))))
    complaints.push(`${file}: nothing uses it`)
}

async function checkPreparation(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-sql-'))
  try {
    await using postgres = await startEmbedded({ dir, fsync: false })
    await migrate({ url: postgres.url, schemas: schemasOf(services) })
    for (const service of schemaNames()) {
      await using database = openDatabase({ url: postgres.url, service, max: 1 })
      for (const file of files.filter((each) => schemasFor(each).includes(service))) {
        const text = textOf(urlOf(file)).trim().replace(/;$/, '')
        try {
          const name = `s${files.indexOf(file)}`
          await database.query({ name: `check ${name}`, text: `prepare ${name} as ${text}` })
        } catch (error) {
          complaints.push(`${file}, as ${service}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function schemaNames(): readonly string[] {
  return services.flatMap(({ name, companions = [] }) => [name, ...companions.map((companion) => companion.name)])
}

/** Whose tables a statement works on: its service's, its companion's, or those of all who have the kit's tables. */
function schemasFor(file: string): readonly string[] {
  const home = join(root, dirname(file))
  for (const service of services) {
    for (const { name, migrations } of service.companions ?? []) {
      if (migrations.some((folder) => home.startsWith(dirname(fileURLToPath(folder))))) return [name]
    }
  }
  const owner = /^services\/([^/]+)\//.exec(file)?.[1]
  if (owner !== undefined) return [owner]
  const own = services.filter((service) => has(service, home))
  return (own.length > 0 ? own : services.slice(0, 1)).map(({ name }) => name)
}

/** Whether the service lists migrations that lie beside the statement, or beside its folder. */
function has({ migrations }: Service, home: string): boolean {
  const beside = migrations.map((folder) => dirname(fileURLToPath(folder)))
  return beside.some((folder) => home === folder || dirname(home) === folder)
}
