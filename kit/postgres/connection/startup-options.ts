/** With these the server notices within 11 s that a client is gone, and frees its locks. */
export const SHORT_KEEP_ALIVE = {
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '2',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '11s',
} as const

/**
 * What our statements and the reading of their answers rely on. A database or a role may have other defaults (`alter role … set`),
 * made for those who worked there before us.
 */
const PINNED = {
  DateStyle: 'ISO,MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  array_nulls: 'on',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  extra_float_digits: '1',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  row_security: 'on',
  // Who has waited for a row must see what the one before has written to it.
  default_transaction_isolation: 'read committed',
  // A connection that listens, or rests in a pool, is idle and yet needed.
  idle_session_timeout: '0',
} as const

/**
 * `-c name=value …`: settings that hold from the first statement on, with those that we rely on. A space or backslash in a value is
 * escaped.
 */
export const startupOptions = (settings: Readonly<Record<string, string>>): string =>
  Object.entries({ ...PINNED, ...settings })
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
    .join(' ')
