import { faultKindOf } from '@kit/fault/fault'
import { KeptBack } from '@kit/message/kept-back'
import { isLockedOut } from '@kit/postgres/locks'
import { isFenced } from '@kit/log/checkpoints'
import { reasonOf } from './reason.ts'
import type { Disposition } from './sort-out.ts'
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
  const kind = faultKindOf(error)
  if (kind === 'transient' || isFenced(error)) return 'passing'
  return kind === 'systematic' || error instanceof EverythingFails ? 'systematic' : 'ours'
}

/** What becomes of a message that has failed alone. */
export const dispositionOf = (error: unknown): Disposition => {
  const reason = reasonOf(error)
  if (isLockedOut(error)) return { state: 'replay', reason }
  return { state: error instanceof KeptBack ? 'kept-back' : 'parked', reason }
}
