/** For the `migrations` of a service that has sagas. */
export const sagaMigrations = new URL('./migrations/', import.meta.url)
