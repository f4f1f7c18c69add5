/** For every schema whose service reads the log: what it could not handle. */
export const deadLetterMigrations = new URL('./migrations/', import.meta.url)
