// Makes node_modules what package-lock.json says; does nothing, quickly, when it already is. Runs before every npm script
// but single checks (`check:…`), on whatever Node (20 or later) started npm, hence plain JavaScript without a dependency.
// Afterwards npm's path leads to the pinned Node first: the npm package `node` puts its binary into node_modules/.bin.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const marker = join(modules, '.argosy-lock')
const lock = readFileSync(join(root, 'package-lock.json'))
const wanted = `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`

if (read(marker) !== wanted || !existsSync(join(modules, '.bin/node'))) {
  if (!matchesLock()) install()
  requirePinnedNode()
  writeFileSync(marker, wanted)
}

function install() {
  process.stderr.write('installing dependencies (npm ci) …\n')
  const started = Date.now()
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: root, env: outerEnvironment(), stdio: ['ignore', 2, 2] }
  const { status, error } = npm?.endsWith('.js')
    ? spawnSync(process.env.npm_node_execpath ?? process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, options)
  if (error !== undefined || status !== 0) {
    fail(`npm ci failed${error === undefined ? '' : ` (${error.message})`}; its reason stands above`)
  }
  process.stderr.write(`installed in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}

/** What was installed last, by npm's own record, is what the lock file asks for; left out may be what is optional. */
function matchesLock() {
  const installed = JSON.parse(read(join(modules, '.package-lock.json')) ?? '{}').packages
  if (installed === undefined || !existsSync(join(modules, '.bin/node'))) return false
  return Object.entries(JSON.parse(lock.toString()).packages).every(([path, entry]) => {
    const present = installed[path]
    if (!path.includes('node_modules/')) return true
    return present === undefined ? entry.optional === true : present.version === entry.version
  })
}

/** The binary is put in place by an install script, which a user's `ignore-scripts` leaves out. */
function requirePinnedNode() {
  const pinned = JSON.parse(read(join(root, 'package.json'))).dependencies.node
  const { stdout } = spawnSync(join(modules, '.bin/node'), ['--version'], { encoding: 'utf8' })
  if (stdout?.trim() === `v${pinned}`) return
  fail(`Node ${pinned} was not installed (node_modules/.bin/node). Try: npm rebuild node --ignore-scripts=false`)
}

/** Without what npm has set for the script that runs now: it would send the inner npm to another folder. */
function outerEnvironment() {
  const inner = /^(npm_(lifecycle|package|config_local_prefix|command|execpath|node_execpath)|INIT_CWD|NODE_ENV)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !inner.test(name)))
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
