import type { AnyMessageType } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'
import { concludeReplay, freeStragglers, lettersToReplay } from './dead-letters.ts'
import { handleAround, type Handling } from './handle-batch.ts'
import { advance, type Advance } from './positions.ts'
import { sortOut, type Fate } from './sort-out.ts'
import type { Delivery } from './stages.ts'

const BATCH = 500

export type Replay = {
  readonly group: string
  /** The checkpoints of the partitions that the reader owns, moved nowhere. */
  readonly stand: readonly Advance[]
  readonly handling: Handling
  readonly typeOf: (type: string) => AnyMessageType | undefined
}

/** Handles letters marked for another try, in their order. Returns how many there were. */
export const replayLetters = async (tx: Tx, { group, stand, handling, typeOf }: Replay): Promise<number> => {
  // Locks the checkpoints before the letters are read: whoever else believes to own the partitions waits, and finds them gone.
  await advance(tx, group, stand)
  await freeStragglers(tx)
  const letters = await lettersToReplay(tx, stand, BATCH)
  const { open, fates, foreign } = sortOut(letters, new Set(), typeOf)
  const left = new Map<Delivery, Fate>([...fates, ...(await handleAround(open, tx, handling))])
  for (const delivery of foreign) {
    left.set(delivery, { state: 'parked', reason: `nobody in ${group} handles ${delivery.envelope.type} any more` })
  }
  concludeReplay(tx, letters, left)
  return letters.length
}
