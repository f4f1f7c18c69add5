import { execFile } from 'node:child_process'
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { killServer } from '../faults/killed-server.ts'
import { freePort } from './free-port.ts'
import { NotHere } from './not-here.ts'

const run = promisify(execFile)

/** A PostgreSQL as the distribution ships it. */
export type StockPostgres = AsyncDisposable & {
  readonly url: string
  readonly version: string
  /** A replica of it that streams, as `pg_basebackup --write-recovery-conf` sets it up; `dir` is for its data. */
  readonly replica: (dir: string, name: string) => Promise<AsyncDisposable>
  /** The server's first process. */
  readonly postmaster: () => number
  /** kill -9 of all its processes. */
  readonly kill: () => Promise<void>
  /** Starts it again on its port, and waits until it has recovered. */
  readonly run: () => Promise<void>
}

/**
 * Starts the newest PostgreSQL of the distribution in `dir`, on a free port of the loopback interface. Throws NotHere when the
 * machine has none, or no account that it may run under. `settings` are those that a test is about.
 */
export const startStockPostgres = async (
  dir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<StockPostgres> => {
  const bin = stockPrograms()
  const asOwner = await ownerOf(dir)
  const command: Command = (name, ...args) => run(...asOwner(join(bin, name), args))
  const data = join(dir, 'data')
  await command('initdb', '-D', data, '-U', 'shop', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8')
  const { port, ...server } = await runServer(command, data, join(dir, 'log'), settings)
  const { stdout } = await command('postgres', '--version')
  return {
    ...server,
    url: `postgresql://shop@127.0.0.1:${port}/postgres`,
    version: stdout.trim(),
    replica: async (place, name) => {
      await ownerOf(place)
      const copy = join(place, 'data')
      const from = `host=127.0.0.1 port=${port} user=shop application_name=${name}`
      await command('pg_basebackup', '-D', copy, '-d', from, '--write-recovery-conf', '--checkpoint=fast', '--no-sync')
      return runServer(command, copy, join(place, 'log'))
    },
  }
}

type Command = (name: string, ...args: readonly string[]) => Promise<{ readonly stdout: string }>

type Running = AsyncDisposable & Pick<StockPostgres, 'postmaster' | 'kill' | 'run'> & { readonly port: number }

/** Nothing but the address is set unless a test needs it: what is tested is a server as people have it. */
const runServer = async (
  command: Command,
  data: string,
  log: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Running> => {
  const port = await freePort()
  const own = Object.entries(settings).map(([name, value]) => ` -c ${name}=${value}`)
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''${own.join('')}`
  const start = async (): Promise<void> => {
    await command('pg_ctl', '-D', data, '-l', log, '-o', options, '-w', 'start')
  }
  await start()
  const postmaster = (): number => Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  return {
    port,
    postmaster,
    kill: () => killServer(postmaster()),
    run: start,
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
