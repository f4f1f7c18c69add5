import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { accountFor, giveTo } from './account.ts'
import { isAlive } from './alive.ts'
import { EmbeddedFailure } from './failure.ts'
import type { Programs } from './files.ts'
import { runInitdb } from './initdb.ts'
import { halfMade, removeHalfMade, removeLeftovers } from './leftovers.ts'

/** The major version that the installed programs read and write. */
export const VERSION = '18'

/** The user of the database; there is no password, for nobody else gets to the socket. */
export const USER = 'postgres'

/** What this process makes now: a half-made folder has the name of its process, so there is one of each at a time. */
const making = new Map<string, Promise<void>>()

/** Makes the data folder at the first start, and looks it over at later ones. Throws when it is no use, or `signal` is aborted. */
export const prepareFolder = async (
  dir: string,
  { initdb }: Programs,
  sync: boolean,
  signal: AbortSignal | undefined,
): Promise<void> => {
  while (making.has(dir)) await making.get(dir)?.catch(() => undefined)
  removeLeftovers(dir)
  const found = contentsOf(dir)
  if (found.length === 0) {
    const made = createFolder(dir, initdb, sync, signal).finally(() => making.delete(dir))
    making.set(dir, made)
    return made
  }
  const version = found.includes('PG_VERSION') ? readFileSync(join(dir, 'PG_VERSION'), 'utf8').trim() : undefined
  const fix = 'move it away to begin anew, or name another folder'
  if (version === undefined) throw new EmbeddedFailure(`${dir} is not a PostgreSQL data folder (no PG_VERSION): ${fix}`)
  if (version !== VERSION) throw new EmbeddedFailure(`${dir} is of PostgreSQL ${version}, not ${VERSION}: ${fix}`)
  const account = accountFor(dir)
  if (statSync(dir).uid !== (account?.uid ?? process.getuid?.())) giveFolder(dir, account)
  chmodSync(dir, 0o700)
}

const contentsOf = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir)
  } catch (cause) {
    if (Object(cause).code === 'ENOENT') return []
    throw unreadable(dir, cause)
  }
}

const unreadable = (dir: string, cause: unknown): EmbeddedFailure => {
  const { code } = Object(cause)
  const fix = code === 'ENOSPC' ? '' : ': it must be a folder of the user who starts; chown it'
  return new EmbeddedFailure(`${dir} cannot be used (${code})${fix}`, { cause })
}

const giveFolder = (dir: string, account: ReturnType<typeof accountFor>): void => {
  if (account === undefined) throw unreadable(dir, { code: 'EACCES' })
  giveTo(account, dir)
}

/** Made beside its place and then renamed, so that a start that is cut off leaves nothing half-made behind. */
const createFolder = async (
  dir: string,
  initdb: string,
  sync: boolean,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const fresh = halfMade(dir, 'new')
  const account = accountFor(fresh)
  try {
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(dirname(dir), { recursive: true })
    mkdirSync(fresh, { mode: 0o700 })
    giveTo(account, fresh)
  } catch (cause) {
    throw unreadable(dirname(dir), cause)
  }
  try {
    await runInitdb({ initdb, dir: fresh, user: USER, sync, signal })
  } catch (error) {
    removeHalfMade(fresh)
    signal?.throwIfAborted()
    throw new EmbeddedFailure(`initdb could not make ${dir}: ${Object(error).message}`, { cause: error })
  }
  try {
    renameSync(fresh, dir)
  } catch (error) {
    removeHalfMade(fresh)
    // Another starter was quicker: its folder is as good.
    if (Object(error).code !== 'ENOTEMPTY') throw error
  }
}

/** What a server writes into its folder about itself. */
export type Postmaster = { readonly pid: number; readonly socketDir: string }

const PID_FILE = 'postmaster.pid'

/** The server that runs on the folder, as far as can be told: a process of that id lives and works there. */
export const findPostmaster = (dir: string): Postmaster | undefined => {
  const noted = notedIn(dir)
  return noted !== undefined && isAlive(noted.pid) && worksIn(dir, noted.pid) ? noted : undefined
}

/**
 * A server that was killed leaves its id behind, and after a restart of the machine that may be another program's: the
 * server would take it for its own kind and refuse to start. (The id of a dead process stays: by what stands beside it the
 * server waits for its predecessor's last children.)
 */
export const forgetStranger = (dir: string): void => {
  const noted = notedIn(dir)
  if (noted !== undefined && isAlive(noted.pid) && !worksIn(dir, noted.pid))
    rmSync(join(dir, PID_FILE), { force: true })
}

const notedIn = (dir: string): Postmaster | undefined => {
  try {
    const lines = readFileSync(join(dir, PID_FILE), 'utf8').split('\n')
    const pid = Number(lines[0])
    return Number.isInteger(pid) && pid > 1 ? { pid, socketDir: lines[4] ?? '' } : undefined
  } catch {
    return undefined
  }
}

/** A server's working folder is its data folder. */
const worksIn = (dir: string, pid: number): boolean => {
  if (process.platform !== 'linux') return true
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dir)
  } catch {
    return false
  }
}
