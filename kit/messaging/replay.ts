import type { Delivery, Move } from '@kit/log/log'
import { waitShortly } from '@kit/postgres/locks'
import type { Tx } from '@kit/postgres/queryable'
import { concludeReplay, freeKnown, freeStragglers, lettersToReplay } from './dead-letters.ts'
import { handleAround, type Handling } from './handle-batch.ts'
import { advance } from '@kit/log/checkpoints'
import { sortOut, type Fate, type Knowing } from './sort-out.ts'

const BATCH = 500

export type Replay = {
  readonly group: string
  /** The checkpoints of the partitions that the reader owns, moved nowhere. */
  readonly stand: readonly Move[]
  readonly handling: Handling
  readonly typeOf: Knowing['typeOf']
  /** The types that this instance knows. */
  readonly known: readonly string[]
}

/** Handles letters marked for another try, in their order. Returns how many of them were handled. */
export const replayLetters = async (tx: Tx, { group, stand, handling, typeOf, known }: Replay): Promise<number> => {
  // Locks the checkpoints before the letters are read: whoever else believes to own the partitions waits, and finds them gone.
  await advance(tx, group, stand)
  waitShortly(tx)
  await freeKnown(tx, known)
  await freeStragglers(tx)
  const letters = await lettersToReplay(tx, stand, BATCH)
  const { open, fates, foreign } = sortOut(letters, new Set(), { group, typeOf })
  const left = new Map<Delivery, Fate>([...fates, ...(await handleAround(open, tx, handling, true))])
  for (const delivery of foreign) {
    left.set(delivery, { state: 'parked', reason: `nobody in ${group} handles ${delivery.envelope.type} any more` })
  }
  concludeReplay(tx, letters, left)
  return letters.length - left.size
}
