// Is package-lock.json complete? A lock written beside an existing node_modules can lack checksums and the binaries of other
// platforms; `npm ci` then fails on another machine only. `npm run check:lock`.
import { readFileSync } from 'node:fs'

type Dependencies = Readonly<Record<string, string>>
type Entry = {
  readonly version?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly integrity?: string
  readonly dependencies?: Dependencies
  readonly devDependencies?: Dependencies
  readonly optionalDependencies?: Dependencies
}

const root = new URL('..', import.meta.url)
const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')) as {
  packages: Readonly<Record<string, Entry>>
}
const complaints: string[] = []

for (const [path, entry] of Object.entries(packages)) {
  if (path.includes('node_modules/')) checkInstalled(path, entry)
  else checkWorkspace(path, entry)
  for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    if (!isLocked(path, name)) complaints.push(`${path}: needs ${name}, which is not in the lock file`)
  }
}

for (const complaint of complaints) console.log(complaint)
if (complaints.length > 0)
  console.log('Mend: rm package-lock.json && npm install --package-lock-only, without node_modules')
console.log(`${Object.keys(packages).length} packages locked, ${complaints.length} complaints`)
process.exitCode = complaints.length === 0 ? 0 : 1

function checkInstalled(path: string, entry: Entry): void {
  if (entry.link === true) return
  if (entry.integrity === undefined) complaints.push(`${path}: no checksum`)
  if (entry.resolved !== undefined) complaints.push(`${path}: names a registry (${entry.resolved}); see .npmrc`)
}

/** The manifest as it is now, with exact versions. */
function checkWorkspace(path: string, entry: Entry): void {
  const file = `${path}${path === '' ? '' : '/'}package.json`
  const manifest = JSON.parse(readFileSync(new URL(file, root), 'utf8')) as Entry
  for (const kind of ['dependencies', 'devDependencies'] as const) {
    const wanted = manifest[kind] ?? {}
    const locked = entry[kind] ?? {}
    for (const name of Object.keys({ ...wanted, ...locked })) {
      if (wanted[name] !== locked[name]) complaints.push(`${file}: ${name} is ${wanted[name]}, locked ${locked[name]}`)
    }
    for (const [name, range] of Object.entries(wanted)) {
      if (!/^\d+\.\d+\.\d+/.test(range)) complaints.push(`${file}: ${name} is not pinned (${range})`)
    }
  }
}

/** Node's own search: beside the package, then in every folder above. */
function isLocked(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (packages[`${at}${at === '' ? '' : '/'}node_modules/${name}`] !== undefined) return true
    if (at === '') return false
  }
}
