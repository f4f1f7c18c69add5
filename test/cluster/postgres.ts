import { execFile } from 'node:child_process'
import { chmodSync, existsSync, globSync, mkdirSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { NotHere } from './not-here.ts'

const run = promisify(execFile)

/** A PostgreSQL as the distribution ships it. */
export type StockPostgres = AsyncDisposable & { readonly url: string; readonly version: string }

/**
 * Starts the newest PostgreSQL of the distribution in `dir`, on a free port of the loopback interface. Throws NotHere when the
 * machine has none, or no account that it may run under. `settings` are those that a test is about.
 */
export const startStockPostgres = async (
  dir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<StockPostgres> => {
  const bin = stockPrograms()
  const data = join(dir, 'data')
  const asOwner = await ownerOf(dir)
  const command = (name: string, ...args: readonly string[]) => run(...asOwner(join(bin, name), args))
  await command('initdb', '-D', data, '-U', 'shop', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8')
  const port = await freePort()
  // Nothing but the address is set unless a test needs it: what is tested is a server as people have it.
  const own = Object.entries(settings).map(([name, value]) => ` -c ${name}=${value}`)
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''${own.join('')}`
  await command('pg_ctl', '-D', data, '-l', join(dir, 'log'), '-o', options, '-w', 'start')
  const { stdout } = await command('postgres', '--version')
  return {
    url: `postgresql://shop@127.0.0.1:${port}/postgres`,
    version: stdout.trim(),
    [Symbol.asyncDispose]: async () => {
      await command('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop')
    },
  }
}

/** Where the distribution's newest PostgreSQL has its programs, those of its clients as well. */
export const stockPrograms = (): string => {
  const found = globSync('/usr/lib/postgresql/*/bin').filter((bin) => existsSync(join(bin, 'initdb')))
  const newest = found.toSorted((a, b) => version(b) - version(a))[0]
  if (newest === undefined) {
    throw new NotHere('PostgreSQL', 'nothing below /usr/lib/postgresql', 'apt-get install postgresql')
  }
  return newest
}

const version = (bin: string): number => Number(/postgresql\/(\d+)/.exec(bin)?.[1])

type AsOwner = (file: string, args: readonly string[]) => [file: string, args: string[]]

/** PostgreSQL refuses to run as root: then it is the package's own account, to which the folder is given. */
const ownerOf = async (dir: string): Promise<AsOwner> => {
  mkdirSync(dir, { recursive: true })
  if (process.getuid?.() !== 0) return (file, args) => [file, [...args]]
  const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres']))).catch(() => undefined)
  if (ids === undefined) {
    throw new NotHere(
      'PostgreSQL',
      'it must not run as root, and there is no user postgres',
      'run this as another user',
    )
  }
  const [uid, gid] = ids.map(({ stdout }) => Number(stdout))
  chownSync(dir, uid ?? 0, gid ?? 0)
  chmodSync(join(dir, '..'), 0o755)
  return (file, args) => ['runuser', ['-u', 'postgres', '--', file, ...args]]
}
