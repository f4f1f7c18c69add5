// A guard must be seen to fire: every file below test/sins whose first line says `// sin: <rule>, …` (SQL: any line,
// `-- sin: <rule>`; a page: `<!-- sin: <rule> -->`) must be reported for exactly these rules, every other file for none. `npm run check:sins`.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { extname } from 'node:path'
import { breachesIn, furtherRules } from './boundaries.ts'
import { dependencyRule } from './dependency-rule.ts'
import { migrationRules } from './judge-migrations.ts'
import { breachesOf, migrationsIn, releasedIn } from './migrations.ts'
import { forgottenIn, gatewayLimits, serviceRules } from './services.ts'

const root = new URL('..', import.meta.url).pathname
const sins = `${root}test/sins`

const planted = new Map<string, ReadonlySet<string>>()
for await (const file of glob(['**/*.{ts,sql}', 'docs/**/*.md'], { cwd: sins })) {
  // The first line of a migration, or of a page, may have a meaning of its own.
  const marker = { '.sql': /^-- sin: (.+)$/m, '.md': /^<!-- sin: (.+) -->$/m }[extname(file)] ?? /^\/\/ sin: (.+)/
  planted.set(file, new Set(marker.exec(readFileSync(`${sins}/${file}`, 'utf8'))?.[1]?.split(', ')))
}

const reported = new Map<string, Set<string>>()
const report = (file: string, rule: string): void => {
  reported.set(file, (reported.get(file) ?? new Set()).add(rule))
}
for (const { rule, from } of (await breachesIn(sins)).breaches) report(from, rule)
for (const { rule, file } of lintOf(sins)) report(file, rule)
const released = releasedIn(readFileSync(`${sins}/released-migrations.txt`, 'utf8'))
for (const { rule, file } of breachesOf(migrationsIn(sins), released)) report(file, rule)
for (const { rule, file } of await forgottenIn(sins, gatewayLimits())) report(file, rule)

const complaints: string[] = []
for (const [file, expected] of planted) {
  const found = reported.get(file) ?? new Set()
  for (const rule of expected) if (!found.has(rule)) complaints.push(`test/sins/${file}: ${rule} was not reported`)
  for (const rule of found)
    if (!expected.has(rule)) complaints.push(`test/sins/${file}: ${rule} was reported, unplanned`)
}
const broken = new Set([...planted.values()].flatMap((expected) => [...expected]))
const rules = [
  ...dependencyRule.flatMap(({ name }) => name ?? []),
  ...Object.keys({ ...furtherRules, ...serviceRules }),
  ...migrationRules,
]
for (const name of rules) if (!broken.has(name)) complaints.push(`no sin is planted for the rule ${name}`)

for (const complaint of complaints) console.log(complaint)
console.log(`${broken.size} rules seen to fire, ${complaints.length} complaints`)
process.exitCode = complaints.length === 0 && broken.size > 0 ? 0 : 1

/** What the linter says of the folder, by the names of its rules without the plugin. */
function lintOf(folder: string): readonly { rule: string; file: string }[] {
  const args = ['--type-aware', '--config', `${root}.oxlintrc.json`, '--format', 'json', '.']
  const { stdout } = spawnSync(`${root}node_modules/.bin/oxlint`, args, { cwd: folder, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] }
  return diagnostics.map(({ code, filename }) => ({ rule: /\((.+)\)/.exec(code)?.[1] ?? code, file: filename }))
}
