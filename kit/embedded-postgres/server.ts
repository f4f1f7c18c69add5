import { spawn } from 'node:child_process'
import { chownSync, closeSync, fstatSync, mkdtempSync, openSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountFor, runAs } from './account.ts'
import type { Programs } from './files.ts'
import { forgetStranger } from './folder.ts'

/** The longest name of a socket that every system takes (macOS: 104 bytes with the end). */
const SOCKET_LENGTH = 103
/** A longer log is begun anew, in bytes. */
const LOG_SIZE = 10_000_000
const SOCKET = '.s.PGSQL.5432'

/** For a small machine and many short transactions. What is not named here is PostgreSQL's default. */
const SETTINGS = {
  listen_addresses: '',
  port: '5432',
  max_connections: '200',
  shared_buffers: '128MB',
  // Nobody replicates from an embedded server.
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_buffers: '16MB',
  min_wal_size: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  synchronous_commit: 'on',
  // The plans are short: compiling them or spreading them over processes costs more than it saves.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  random_page_cost: '1.1',
  // The outbox and the jobs turn over all the time.
  autovacuum_naptime: '15s',
  timezone: 'UTC',
  log_timezone: 'UTC',
} as const

/** Where a server on this folder puts its socket: in the folder, which nobody else can enter, if the path is short enough. */
export const socketFolder = (dir: string): string => {
  if (Buffer.byteLength(join(dir, SOCKET)) <= SOCKET_LENGTH) return dir
  const folder = mkdtempSync(join(tmpdir(), 'argosy-'))
  const account = accountFor(dir)
  if (account !== undefined) chownSync(folder, account.uid, account.gid)
  return folder
}

export const logFile = (dir: string): string => join(dir, 'server.log')

/** A server that this process has started. */
export type Launched = {
  readonly running: boolean
  /** Why it has ended: what it said last. */
  readonly lastWords: () => string
  /** Whether it could not start because a predecessor is not quite gone. */
  readonly wasTooEarly: () => boolean
}

/** Starts a server; it stays when this process is killed. */
export const launch = (dir: string, socketDir: string, { postgres }: Programs, fsync: boolean): Launched => {
  forgetStranger(dir)
  const settings = Object.entries({ ...SETTINGS, fsync: fsync ? 'on' : 'off', unix_socket_directories: socketDir })
  const args = ['-D', dir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const run = runAs(accountFor(dir), postgres, args, dir)
  const log = openSync(
    logFile(dir),
    (statSync(logFile(dir), { throwIfNoEntry: false })?.size ?? 0) > LOG_SIZE ? 'w' : 'a',
  )
  const start = fstatSync(log).size
  let running = true
  let failure = ''
  // A session of its own: Ctrl-C in the terminal reaches this process, which drains first, and not the server.
  const child = spawn(run.file, run.args, { ...run.as, cwd: dir, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.once('exit', () => (running = false))
  child.once('error', (error) => {
    running = false
    failure = `${run.file} cannot be run (${error.message})`
  })
  child.unref()
  const said = (): string => readFileSync(logFile(dir)).subarray(start).toString()
  return {
    get running() {
      return running
    },
    lastWords: () => failure || lastWords(said()),
    // Not only its last words: the predecessor's children write into the same log.
    wasTooEarly: () => STILL_GOING.test(said()),
  }
}

/** What a starting server says about another that is not quite gone. */
const STILL_GOING = /lock file|shared memory block/

const lastWords = (log: string): string => {
  const lines = log.trim().split('\n')
  const reasons = lines.filter((line) => /FATAL|PANIC|HINT|error/.test(line))
  return (reasons.length === 0 ? lines : reasons).slice(-2).join(' ')
}
