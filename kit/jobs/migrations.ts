/** For every schema whose service has jobs. */
export const jobMigrations = new URL('./migrations/', import.meta.url)
