/** For every service: what it is asked for as an owner, and what it has asked for as a reader. */
export const factsMigrations = new URL('./migrations/', import.meta.url)
