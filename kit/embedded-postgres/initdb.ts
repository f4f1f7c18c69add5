import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { accountFor, runAs } from './account.ts'

export type InitdbOptions = {
  /** The program. */
  readonly initdb: string
  /** An empty folder of the account that the server will run as. */
  readonly dir: string
  /** Who may do everything in the databases. */
  readonly user: string
  /** Whether the files are on the disk when it has ended. */
  readonly sync: boolean
  /** Ends it at once, with all that it has begun. */
  readonly signal: AbortSignal | undefined
}

const ENCODING = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] as const

/** Fills a folder with what a server begins with. Throws an error that says why it could not. */
export const runInitdb = async ({ initdb, dir, user, sync, signal }: InitdbOptions): Promise<void> => {
  signal?.throwIfAborted()
  const login = ['--auth=trust', `--username=${user}`]
  const args = ['-D', dir, ...login, '--no-instructions', ...ENCODING, ...(sync ? [] : ['-N'])]
  const run = runAs(accountFor(dir), initdb, args, dir)
  // A process group of its own: Ctrl-C in the terminal is this process's, and it and its children are ended together.
  const child = spawn(run.file, run.args, {
    ...run.as,
    cwd: dir,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // All of them have just ended by themselves.
    }
  }
  signal?.addEventListener('abort', kill, { once: true })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  try {
    const [code, endedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    signal?.throwIfAborted()
    if (code !== 0) throw new Error(reasonIn(said) ?? `it ended by ${endedBy ?? `exit code ${code}`}`)
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}

/**
 * The line that says why, of some forty: the first that tells of a failure. What comes after it is what the failure led to,
 * and that the folder is removed again.
 */
const reasonIn = (said: string): string | undefined => {
  const lines = said.trim().split('\n')
  const reason = lines.find((line) => /\b(?:FATAL|PANIC|ERROR|error|could not)\b/.test(line)) ?? lines.at(-1)
  return reason?.replace(PREFIX, '') || undefined
}

/** When, which process, how bad; or whose words they are. */
const PREFIX = /^(?:\S+ \S+ \S+ \[\d+\] (?:FATAL|PANIC|ERROR): +|initdb: (?:error: )?)/
