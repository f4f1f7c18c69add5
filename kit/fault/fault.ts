/**
 * What an error of the infrastructure says of another try. `transient`: the same work may succeed in a moment.
 * `systematic`: what the work needs is not there or not allowed, whatever its input. `unstorable`: a value of its input
 * cannot be stored.
 */
export type FaultKind = 'transient' | 'systematic' | 'unstorable'

/** The key under which an error says its kind. Whoever knows the codes of a driver sets it before the error leaves. */
export const FAULT = Symbol('fault')

/** Sets the kind of an error and returns the error. */
export const markFault = <E extends object>(error: E, kind: FaultKind): E => Object.assign(error, { [FAULT]: kind })

/** The kind that an error was given; undefined when nobody knows it, as of a fault of our own. */
export const faultKindOf = (error: unknown): FaultKind | undefined => {
  if (typeof error !== 'object' || error === null) return undefined
  if (FAULT in error) return error[FAULT] as FaultKind
  return 'code' in error && NETWORK.has(String(error.code)) ? 'transient' : undefined
}

/** Whether trying the same work again may succeed: lost connections, conflicts, timeouts, shutdowns. */
export const isTransient = (error: unknown): boolean => faultKindOf(error) === 'transient'

/** Node's codes for a peer that is not there at the moment, whoever it is. */
const NETWORK = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN', // the name server does not answer
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE', // written to a connection that the peer had closed
  'ETIMEDOUT',
])
