/** The log, which all services of a fleet share. */
export const logMigrations = new URL('./migrations/', import.meta.url)
