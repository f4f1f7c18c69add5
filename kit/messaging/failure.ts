import { KeptBack } from '@kit/message/kept-back'
import { isLockedOut } from '@kit/postgres/locks'
import { isTransient } from '@kit/postgres/queryable'
import { isFenced } from '@kit/log/checkpoints'
import { reasonOf } from './reason.ts'
import type { Fate } from './sort-out.ts'
import { EverythingFails } from './tally.ts'

/**
 * Why a batch could not be handled. `passing`: the same may work in a moment, or somebody else has done it. `systematic`: no
 * message's fault, and no message of the group could be handled: a table, column or right is missing, the server is broken.
 * `locked`: somebody else has kept rows locked for too long, and may for ever; which is looked for. `ours`: something in the
 * batch; it is looked for.
 */
export type Blame = 'passing' | 'systematic' | 'locked' | 'ours'

export const blameOf = (error: unknown): Blame => {
  if (isLockedOut(error)) return 'locked'
  if (isTransient(error) || isFenced(error)) return 'passing'
  if (error instanceof EverythingFails) return 'systematic'
  const code: unknown = Object(error).code
  return typeof code === 'string' && SYSTEMATIC.test(code) ? 'systematic' : 'ours'
}

/**
 * Classes of SQLSTATE: what the statement asks for is not there or not allowed (42, 3F, 3D, 0A), the login (28), a setting (F0),
 * an object in the wrong state, such as a table that is being replaced (55), the server's own errors (XX).
 */
const SYSTEMATIC = /^(0A|28|3D|3F|42|55|F0|XX)[0-9A-Z]{3}$/

/** What becomes of a message that has failed alone. */
export const fateOf = (error: unknown): Fate => {
  const reason = reasonOf(error)
  if (isLockedOut(error)) return { state: 'replay', reason }
  return { state: error instanceof KeptBack ? 'kept-back' : 'parked', reason }
}
