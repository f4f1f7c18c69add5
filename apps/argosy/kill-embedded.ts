import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The last act of a forced end: no PostgreSQL stays behind. It is told to quit at once; what was committed is recovered
 * at the next start.
 */
export const killEmbedded = (databaseUrl: string): void => {
  if (!databaseUrl.startsWith('embedded:')) return
  try {
    const lock = readFileSync(join(databaseUrl.slice('embedded:'.length), 'postmaster.pid'), 'utf8')
    process.kill(Number(lock.split('\n')[0]), 'SIGQUIT')
  } catch {
    // It is not running: nothing to end.
  }
}
