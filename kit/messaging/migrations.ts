/** The log, which all services of a fleet share. */
export const logMigrations = new URL('./migrations-log/', import.meta.url)

/** For every schema whose service reads the log: what it could not handle. */
export const deadLetterMigrations = new URL('./migrations/', import.meta.url)
