import { findPostmaster } from '@kit/embedded-postgres/folder'

/**
 * The last act of a forced end: no PostgreSQL stays behind. It is told to quit at once; what was committed is recovered
 * at the next start.
 */
export const killEmbedded = (databaseUrl: string): void => {
  if (!databaseUrl.startsWith('embedded:')) return
  const server = findPostmaster(databaseUrl.slice('embedded:'.length))
  if (server === undefined) return
  try {
    process.kill(server.pid, 'SIGQUIT')
  } catch {
    // It has just ended by itself.
  }
}
