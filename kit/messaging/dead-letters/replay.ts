import { advance } from '@kit/log/checkpoints'
import type { Delivery, Move } from '@kit/log/log'
import { waitShortly } from '@kit/postgres/locks'
import type { Tx } from '@kit/postgres/queryable'
import { handleAround } from '../handle-batch.ts'
import type { Reading } from '../handle-read.ts'
import { sortOut, type Disposition } from '../sort-out.ts'
import { concludeReplay, freeKnown, freeStragglers, lettersToReplay } from './letters.ts'

const BATCH = 500
/** How often letters are looked for while something is parked, in ms. */
const EVERY = 1_000

/** Handles letters that are marked for another try. */
export class Replays {
  readonly #reading: Reading
  readonly #types: readonly string[]
  #lookedAt = -EVERY

  /** `types` are those that this instance knows. */
  constructor(reading: Reading, types: readonly string[]) {
    this.#reading = reading
    this.#types = types
  }

  /** Whether to look again. */
  get isDue(): boolean {
    return performance.now() - this.#lookedAt >= EVERY
  }

  /** Looks in these partitions; `stand` are their checkpoints, moved nowhere. Returns how many letters were handled. */
  async run(stand: readonly Move[]): Promise<number> {
    const { db, log, knowing } = this.#reading
    this.#lookedAt = performance.now()
    const letters = await db.transaction((tx) => this.#replay(tx, stand))
    // Those that failed again have their new state; that is no reason to look at once.
    if (letters === 0) return 0
    this.#lookedAt = -EVERY
    log.info({ group: knowing.group, letters }, 'replayed dead letters')
    return letters
  }

  async #replay(tx: Tx, stand: readonly Move[]): Promise<number> {
    const { handling, knowing } = this.#reading
    const { group } = knowing
    // Locks the checkpoints before the letters are read: who else believes to own the partitions waits, and finds them gone.
    await advance(tx, group, stand)
    waitShortly(tx)
    await freeKnown(tx, this.#types)
    await freeStragglers(tx)
    const letters = await lettersToReplay(tx, stand, BATCH)
    const { open, dispositions, foreign } = sortOut(letters, new Set(), knowing)
    const left = new Map<Delivery, Disposition>([
      ...dispositions,
      ...(await handleAround(open, tx, handling, { isReplay: true })),
    ])
    for (const delivery of foreign) {
      left.set(delivery, { state: 'parked', reason: `nobody in ${group} handles ${delivery.envelope.type} any more` })
    }
    concludeReplay(tx, letters, left)
    return letters.length - left.size
  }
}
