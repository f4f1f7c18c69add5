import { exitCode, Stop } from './exit-code.ts'
import type { ExitCode } from './exit-code.ts'

type Explained = { readonly line: string; readonly also: readonly string[]; readonly code: ExitCode }

/**
 * What went wrong in one line, with what to do about it where that is known, and how the process should end. `also`: what is
 * wrong besides, each in a line of its own.
 */
export const explain = (error: unknown): Explained => {
  const known = error instanceof Stop ? error : recognise(error)
  const line = known.fix === undefined ? known.message : `${known.message}. Fix: ${known.fix}`
  return { line: oneLine(line), also: known.also.map(oneLine), code: known.exitCode }
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ')

const recognise = (error: unknown): Stop => {
  const { message, code, fix } = facts(error)
  if (code.startsWith('ERR_PARSE_ARGS')) {
    return new Stop(withoutHint(message), { fix: 'the same with --help', exitCode: exitCode.usage })
  }
  if (fix !== undefined) return new Stop(message, { fix, cause: error })
  const hint = hints[code]
  if (hint === undefined) return new Stop(message, { cause: error })
  return new Stop(message.includes(code) ? message : `${message} (${code})`, { fix: hint, cause: error })
}

/** The server's disk, that is. */
const DISK_FULL = '53100'

/** Codes of the system and of PostgreSQL that a wrong URL or password leads to. */
const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start the server that the URL names, or unset DATABASE_URL to use the embedded one',
  ENOTFOUND: 'check the host in the URL',
  EAI_AGAIN: 'check the host in the URL, and the name server',
  ETIMEDOUT: 'check the host and port in the URL, and the firewall between',
  // The role of a service, its schema or a table is missing.
  '22023': 'argosy start makes the tables',
  '3F000': 'argosy start makes the tables',
  '42P01': 'argosy start makes the tables',
  '28P01': 'check the user and password in DATABASE_URL',
  '28000': 'check the user in DATABASE_URL',
  '3D000': 'create the database that DATABASE_URL names, or name another one',
  '42501': 'let the user of DATABASE_URL create roles and schemas (CREATEROLE, CREATE ON DATABASE)',
  EACCES: 'give this user the right to it, or set DATA_DIR to another folder',
  EPERM: 'give this user the right to it, or set DATA_DIR to another folder',
  ENOSPC: 'free some disk space, or set DATA_DIR to another disk',
  [DISK_FULL]: 'free some disk space where the database has its data',
}

const facts = (error: unknown): { readonly message: string; readonly code: string; readonly fix?: string } => {
  if (!(error instanceof Error)) return { message: String(error), code: '' }
  // Connections tried on several addresses fail together; the first says it.
  const told = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  const code = codeOf(told)
  return {
    message: told.message || code || told.name,
    code,
    ...('fix' in told && typeof told.fix === 'string' && { fix: told.fix }),
  }
}

/** Its own code. Of what it stems from only a full disk has the same fix. */
const codeOf = (error: Error): string => {
  if ('code' in error && typeof error.code === 'string') return error.code
  const cause = error.cause instanceof Error ? codeOf(error.cause) : ''
  return cause === DISK_FULL ? cause : ''
}

/** parseArgs adds advice about `--` that does not help here. */
const withoutHint = (message: string): string => message.replace(/\. To specify a positional.*$/s, '')
