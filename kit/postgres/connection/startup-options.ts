/** With these the server notices within 11 s that a client is gone, and frees its locks. */
export const SHORT_KEEP_ALIVE = {
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '2',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '11s',
} as const

/** `-c name=value …`: settings that hold from the first statement on. A space or backslash in a value is escaped. */
export const startupOptions = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
    .join(' ')
