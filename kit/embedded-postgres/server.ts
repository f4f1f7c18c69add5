import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { accountFor, runAs } from './account.ts'
import type { Programs } from './files.ts'
import { forgetStranger } from './folder.ts'

/** A longer log is begun anew, in bytes. */
const LOG_SIZE = 10_000_000

/** For a small machine and many short transactions. What is not named here is PostgreSQL's default. */
const SETTINGS = {
  listen_addresses: '',
  port: '5432',
  max_connections: '200',
  shared_buffers: '128MB',
  // Enough for a backup while the shop sells. Nobody replicates from an embedded server.
  wal_level: 'replica',
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

export const logFile = (dir: string): string => join(dir, 'server.log')

/** A server that this process has started. */
export type Launched = {
  /** Its process; undefined when it could not be run at all. */
  readonly pid: number | undefined
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
  let end = ''
  // A session of its own: Ctrl-C in the terminal reaches this process, which drains first, and not the server.
  const child = spawn(run.file, run.args, { ...run.as, cwd: dir, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.once('exit', (code, signal) => {
    running = false
    end = `it ended by ${signal ?? `exit code ${code}`}, and said nothing`
  })
  child.once('error', (error) => {
    running = false
    failure = `${run.file} cannot be run (${error.message})`
  })
  child.unref()
  const said = (): string => readFileSync(logFile(dir)).subarray(start).toString()
  return {
    pid: child.pid,
    get running() {
      return running
    },
    // On a full disk it cannot write down what it has to say.
    lastWords: () => failure || lastWords(said()) || end,
    // Not only its last words: the predecessor's children write into the same log.
    wasTooEarly: () => STILL_GOING.test(said()),
  }
}

/**
 * What a starting server says about another that is not quite gone; or about the folder of its socket, which another has just
 * removed. That a lock file cannot be written, on a full disk for one, is another matter.
 */
const STILL_GOING = /lock file "[^"]*" (?:already exists|is empty)|shared memory block|create lock file .*No such file/

const lastWords = (log: string): string => {
  const lines = log
    .trim()
    .split('\n')
    .map((line) => line.replace(PREFIX, ''))
  // Those who knock are told that it is not ready.
  const reason = lines.findLastIndex(
    (line) => /FATAL|PANIC|error/.test(line) && !line.includes('the database system is'),
  )
  if (reason === -1) return lines.slice(-2).join(' ')
  const more = lines.slice(reason + 1, reason + 3).filter((line) => /^(?:DETAIL|HINT)/.test(line))
  return [lines[reason], ...more].join(' ')
}

/** When, and which process; the same reason must read the same at each try. */
const PREFIX = /^\S+ \S+ \S+ \[\d+\] /
