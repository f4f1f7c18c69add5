import { exitCode, Stop } from './command-line/exit-code.ts'

/** The folder of the embedded database. Throws a Stop that says what to use for any other. */
export const embeddedFolder = (databaseUrl: string, done: string, instead: string): string => {
  if (databaseUrl.startsWith('embedded:')) return databaseUrl.slice('embedded:'.length)
  throw new Stop(`DATABASE_URL names a server of its own, and only the embedded database is ${done} by argosy`, {
    fix: instead,
    exitCode: exitCode.usage,
  })
}
