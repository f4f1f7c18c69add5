// Are all migrations still what databases have of them (migration-record.ts), and can the last release live on the schema
// that this one makes? Its files are still there and unchanged, and the new ones obey migration-rules.ts: `npm run
// check:migrations`. With --record, new ones are added to the list; with --release, what is there now becomes the last
// release's.
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { named } from '@kit/migrations/files'
import { complaintsAbout, type Complaint, type Migration } from './judge-migrations.ts'
import { digestOf, digestsIn, listOf, type Digests } from './migration-digests.ts'
import { brokenRecord, grown, RECORD } from './migration-record.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const RELEASE = 'test/cluster/last-release'
const RELEASED = 'scripts/released-migrations.txt'

/** The migrations below `base`, in order, and those without what the last release has. */
export const migrationsIn = (base: string): readonly Migration[] =>
  globSync('{kit,services}/**/*migrations*/[0-9]*.sql', { cwd: base, exclude: ['**/test-*/**', '**/node_modules/**'] })
    .sort()
    .map((file) => migrationOf(file, readFileSync(join(base, file), 'utf8')))

/** What is wrong with these migrations, after a release that had those. */
export const breachesOf = (files: readonly Migration[], released: Digests): readonly Complaint[] => {
  const fresh = files.filter(({ key }) => !released.has(key))
  return [...appendOnly(files, released), ...complaintsAbout(fresh)]
}

const appendOnly = (files: readonly Migration[], released: Digests): readonly Complaint[] => {
  const rule = 'append-only'
  const here = new Map(files.map(({ file, key, text }) => [key, { file, digest: digestOf(text) }]))
  const last = new Map<string, string>()
  for (const key of released.keys())
    last.set(folderOf(key), key > (last.get(folderOf(key)) ?? '') ? key : (last.get(folderOf(key)) ?? ''))
  return [
    ...[...released].flatMap(([key, digest]): Complaint[] => {
      const now = here.get(key)
      if (now === undefined)
        return [{ file: key, rule, why: 'the last release has it, and it is gone: databases know it by this name' }]
      return now.digest === digest
        ? []
        : [{ file: now.file, rule, why: 'it was changed after a release: undo that and write a further file' }]
    }),
    ...files.flatMap(({ file, key }): Complaint[] => {
      const before = last.get(folderOf(key)) ?? ''
      return released.has(key) || key > before
        ? []
        : [{ file, rule, why: `its number is before that of ${before}, which is applied` }]
    }),
  ]
}

/** A file that has moved keeps its name. */
const migrationOf = (file: string, whole: string): Migration => {
  const { key, text } = named(file.split('/').slice(-3).join('/'), whole)
  return { file, key, text }
}

const folderOf = (key: string): string => key.split('/').slice(0, -1).join('/')

/** The list must be that of the commit, where it can be looked up. */
const listAt = (commit: string): string | undefined => {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: 'pipe' })
  try {
    git('cat-file', '-e', `${commit}^{commit}`)
  } catch {
    return undefined
  }
  const all = git('ls-tree', '-r', '--name-only', commit, 'kit', 'services').split('\n')
  const files = all.filter((file) => /\/[^/]*migrations[^/]*\/\d[^/]*\.sql$/.test(file) && !/\/test-[^/]*\//.test(file))
  return listed(files.map((file) => migrationOf(file, git('show', `${commit}:${file}`))))
}

const listed = (files: readonly Migration[]): string =>
  listOf(new Map(files.map(({ key, text }) => [key, digestOf(text)])))

const record = (): void => {
  const before = readFileSync(join(root, RECORD), 'utf8')
  writeFileSync(join(root, RECORD), grown(before, migrationsIn(root)))
}

const release = (): void => {
  const commit = execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8' })
  writeFileSync(join(root, RELEASE), commit)
  writeFileSync(join(root, RELEASED), listAt(commit.trim()) ?? '')
  console.log(`the last release is ${commit.trim()} now`)
}

const check = (): void => {
  const files = migrationsIn(root)
  const commit = readFileSync(join(root, RELEASE), 'utf8').trim()
  const list = readFileSync(join(root, RELEASED), 'utf8')
  const released = digestsIn(list)
  const recorded = digestsIn(readFileSync(join(root, RECORD), 'utf8'))
  const complaints = [...breachesOf(files, released), ...brokenRecord(files, recorded)]
  if ((listAt(commit) ?? list) !== list) {
    complaints.push({
      file: RELEASED,
      rule: 'append-only',
      why: `it is not the list of ${commit}: npm run check:migrations -- --release`,
    })
  }
  for (const { file, rule, why } of complaints) console.log(`${file}\n  ${rule}: ${why}`)
  console.log(`${files.length} migrations, ${released.size} of them released, ${complaints.length} complaints`)
  process.exitCode = complaints.length === 0 && files.length > 0 ? 0 : 1
}

if (import.meta.main) {
  if (process.argv.includes('--release')) release()
  else if (process.argv.includes('--record')) record()
  else check()
}
