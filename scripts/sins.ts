// A guard must be seen to fire: every file below test/sins whose first line says `// sin: <rule>, …` (SQL: any line,
// `-- sin: <rule>`; a page: `<!-- sin: <rule> -->`) must be reported for exactly these rules, every other file for none.
// `npm run check:sins`. The sins of SQL need a database: `npm run check:sql` sees to them.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { breachesIn, furtherRules } from './boundaries.ts'
import { dependencyRule } from './dependency-rule.ts'
import { migrationRules } from './judge-migrations.ts'
import { sqlRules } from './judge-sql.ts'
import { digestsIn } from './migration-digests.ts'
import { brokenRecord } from './migration-record.ts'
import { breachesOf, migrationsIn } from './migrations.ts'
import { compare, plantedIn } from './planted.ts'
import { forgottenIn, gatewayLimits, serviceRules } from './services.ts'

const root = new URL('..', import.meta.url).pathname
const sins = `${root}test/sins`
const listed = (name: string) => digestsIn(readFileSync(`${sins}/${name}-migrations.txt`, 'utf8'))

const migrations = migrationsIn(sins)
// The list is of one service's alone, and has one that is gone.
const ofMail = migrations.filter(({ key }) => key.startsWith('mail/'))

const reported = [
  ...(await breachesIn(sins)).breaches.map(({ rule, from }) => ({ rule, file: from })),
  ...lintOf(sins),
  ...breachesOf(migrations, listed('released')),
  ...brokenRecord(ofMail, listed('recorded')),
  ...(await forgottenIn(sins, gatewayLimits())),
]
const rules = [
  ...dependencyRule.flatMap(({ name }) => name ?? []),
  ...Object.keys({ ...furtherRules, ...serviceRules }),
  ...migrationRules,
  'append-only',
  'recorded',
]
const planted = new Map([...plantedIn(sins), ['mail/migrations/0004-gone.sql', new Set(['recorded'])]])
const complaints = compare(planted, reported, { rules, judges: (rule) => !Object.hasOwn(sqlRules, rule) })

for (const complaint of complaints) console.log(complaint)
const seen = new Set(reported.map(({ rule }) => rule))
console.log(`${seen.size} rules seen to fire, ${complaints.length} complaints`)
process.exitCode = complaints.length === 0 && seen.size > 0 ? 0 : 1

/** What the linter says of the folder, by the names of its rules without the plugin. */
function lintOf(folder: string): readonly { rule: string; file: string }[] {
  const args = ['--type-aware', '--config', `${root}.oxlintrc.json`, '--format', 'json', '.']
  const { stdout } = spawnSync(`${root}node_modules/.bin/oxlint`, args, { cwd: folder, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] }
  return diagnostics.map(({ code, filename }) => ({ rule: /\((.+)\)/.exec(code)?.[1] ?? code, file: filename }))
}
