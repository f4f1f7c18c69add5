import { markFault, type FaultKind } from '@kit/fault/fault'

/** Marks an error of the server, or of the connection to it, with what its code says of another try. Returns it. */
export const classified = <E>(error: E): E => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return error
  const kind = kindOf(String(error.code))
  return kind === undefined ? error : markFault(error, kind)
}

const kindOf = (code: string): FaultKind | undefined => {
  if (TRANSIENT.has(code) || TRANSIENT_CLASSES.test(code)) return 'transient'
  if (SYSTEMATIC.test(code)) return 'systematic'
  return UNSTORABLE.has(code) ? 'unstorable' : undefined
}

/** Connections lost (08), a server short of disk, memory or connections (53, 58), one that is shut down (57P). */
const TRANSIENT_CLASSES = /^(08|53|58|57P)/

const TRANSIENT = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '40003', // whether it was committed is not known
  '55P03', // a lock was not to be had in time
  '57014', // cancelled, by statement_timeout for one
  '25006', // the server only reads: a failover has left us with what was its standby
  '25P03', // the transaction was idle for too long
  'ENOENT', // the embedded server's socket is not there yet, or not there while it starts again
])

/**
 * Classes of SQLSTATE: what the statement asks for is not there or not allowed (42, 3F, 3D, 0A), the login (28), a setting
 * (F0), an object in the wrong state, such as a table that is being replaced (55), the server's own errors (XX).
 */
const SYSTEMATIC = /^(0A|28|3D|3F|42|55|F0|XX)[0-9A-Z]{3}$/

/** Data exceptions that stem from a value: text too long, number or time out of range, text that is no number. */
const UNSTORABLE = new Set(['22001', '22003', '22007', '22008', '22021', '22P02', '22P05'])
