// Makes node_modules what package-lock.json says; does nothing, quickly, when it already is. Runs before every npm script
// but single checks (`check:…`), on whatever Node (20 or later) started npm, hence plain JavaScript without a dependency.
// Afterwards npm's path leads to the pinned Node first: the npm package `node` puts its binary into node_modules/.bin.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const marker = join(modules, '.argosy-lock')
const lock = readFileSync(join(root, 'package-lock.json'))
const wanted = `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`

/** In ms: how often is told how far it is, and when is looked whether the registry can be reached, for how long. */
const TELL = process.stderr.isTTY ? 1_000 : 5_000
const STALLED = 5_000
const REACH = 4_000
/** What npm gets to end in peace. */
const GRACE = 2_000

if (read(marker) !== wanted || !existsSync(join(modules, '.bin/node'))) {
  if (!matchesLock()) await install()
  requirePinnedNode()
  writeFileSync(marker, wanted)
}

async function install() {
  process.stderr.write('installing dependencies (npm ci) …\n')
  const began = performance.now()
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress']
  const options = { cwd: root, env: outerEnvironment(), stdio: ['ignore', 2, 2] }
  const child = npm?.endsWith('.js')
    ? spawn(process.env.npm_node_execpath ?? process.execPath, [npm, ...args], options)
    : spawn('npm', args, options)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(child, signal))
  const watching = watch(began)
  const failure = await new Promise((resolve) => {
    child.once('error', (error) => resolve(` (${error.message})`))
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : signal === null ? '' : ` (${signal})`))
  })
  clearInterval(watching)
  if (failure !== undefined) fail(`${newLine()}npm ci failed${failure}; its reason stands above`)
  process.stderr.write(`${newLine()}installed in ${seconds(began)} s\n`)
}

/** npm that is told to end first waits for what it has asked the registry for, for a minute; the next installation begins anew. */
function end(npm, signal) {
  npm.kill(signal)
  setTimeout(() => npm.kill('SIGKILL'), GRACE).unref()
}

/** Tells how far it is; and when nothing comes for a while, whether whence it should come can be reached. */
function watch(began) {
  const places = placesHere()
  let seen = 0
  let since = began
  let told = began
  return setInterval(() => {
    const there = places.filter((place) => existsSync(join(root, place, 'package.json'))).length
    const now = performance.now()
    if (there !== seen) since = now
    seen = there
    if (now - told >= TELL) {
      told = now
      const far = `  ${there} of ${places.length} packages after ${seconds(began)} s`
      process.stderr.write(process.stderr.isTTY ? `\r${far}` : `${far}\n`)
    }
    if (now - since < STALLED || there === places.length) return
    since = now
    void obstacle().then((reason) => {
      if (reason === undefined) return
      const fix = 'If this machine is offline, connect it; npm goes on trying for a while, Ctrl-C ends it'
      process.stderr.write(`${newLine()}✗ ${registry()} cannot be reached (${reason}). ${fix}\n`)
    })
  }, 500)
}

/** Where npm puts the packages of the lock file that are for this machine. */
function placesHere() {
  const has = (list, value) => list === undefined || list.includes(value)
  return Object.entries(JSON.parse(lock.toString()).packages)
    .filter(([path, { link, os, cpu, libc }]) => {
      const isHere = has(os, process.platform) && has(cpu, process.arch) && has(libc, 'glibc')
      return path.includes('node_modules/') && link !== true && isHere
    })
    .map(([path]) => path)
}

function registry() {
  const { npm_config_registry: set } = process.env
  return set ?? spawnSync('npm', ['config', 'get', 'registry'], { cwd: root, encoding: 'utf8' }).stdout.trim()
}

/** Why there is no connection to the registry, or to the proxy before it; undefined when there is one. */
function obstacle() {
  const { npm_config_https_proxy, npm_config_proxy, HTTPS_PROXY, https_proxy } = process.env
  const { hostname, port, protocol } = new URL(
    npm_config_https_proxy || npm_config_proxy || HTTPS_PROXY || https_proxy || registry(),
  )
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = connect({ host, port: Number(port) || (protocol === 'http:' ? 80 : 443) })
  return new Promise((resolve) => {
    setTimeout(() => resolve(`no connection within ${REACH / 1000} s`), REACH).unref()
    socket.once('connect', () => resolve(undefined))
    socket.on('error', (error) => resolve(error.code ?? error.message))
  }).finally(() => socket.destroy())
}

function seconds(began) {
  return ((performance.now() - began) / 1000).toFixed(1)
}

/** Whoever looks at a terminal sees the same line anew each time. */
function newLine() {
  return process.stderr.isTTY ? '\n' : ''
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
