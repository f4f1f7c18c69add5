import type { Batch } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import type { Database, Tx } from '@kit/postgres/queryable'
import type { Logger } from '@kit/telemetry/telemetry'
import { commonTrace } from '@kit/telemetry/trace-context'
import { advance } from '@kit/log/checkpoints'
import { park, parkedKeys } from './dead-letters/letters.ts'
import { blameOf } from './failure.ts'
import { handleAround, handleBatch, type Handling } from './handle-batch.ts'
import { sortOut, type Knowing, type Sorted } from './sort-out.ts'
import type { Commit } from './together/together.ts'
import { traceOf } from './trace.ts'

/** What reading needs to handle what it has read. */
export type Reading = {
  readonly db: Database
  readonly commit: Commit
  readonly platform: Platform
  readonly log: Logger
  readonly handling: Handling
  readonly knowing: Knowing
}

/**
 * Handles what was read and moves the checkpoints, in one transaction; the careful way when that fails, or when the
 * disposition of something is clear already. Returns whether that way was taken: other keys may be parked now. Throws when
 * nothing was done. `stoodStill`: because nothing could be handled, the last time.
 */
export const handleRead = async (
  batch: Batch,
  { open, dispositions }: Sorted,
  reading: Reading,
  stoodStill: boolean,
): Promise<boolean> => {
  const { db, commit, platform, log, handling, knowing } = reading
  const { group } = knowing
  let isLocked = false
  if (dispositions.size === 0) {
    try {
      await commit(async (tx, send) => {
        await handleBatch(open, tx, { ...handling, send })
        void advance(tx, group, batch.moves)
        platform.failpoint('reader.before-commit')
      })
      return false
    } catch (error) {
      const blame = blameOf(error)
      if (blame === 'passing' || blame === 'systematic') throw error
      const trace = commonTrace(open.map(({ message, delivery }) => traceOf(message.key, delivery.envelope)))
      log.warn({ group, ...trace, error: String(error) }, 'a batch failed; looking for what it failed of')
      isLocked = blame === 'locked'
    }
  }
  await db.transaction((tx) => around(batch, tx, reading, stoodStill), { goesRound: isLocked })
  return true
}

/** Parks what cannot be handled and what waits behind it, handles the rest. */
const around = async (
  batch: Batch,
  tx: Tx,
  { log, handling, knowing }: Reading,
  stoodStill: boolean,
): Promise<void> => {
  const { group } = knowing
  const { open, dispositions } = sortOut(batch.deliveries, await parkedKeys(tx), knowing)
  const all = new Map([...dispositions, ...(await handleAround(open, tx, handling, { stoodStill }))])
  park(tx, batch.deliveries, all)
  for (const [{ envelope }, { state, reason }] of all) {
    if (state === 'behind') continue
    const { type, partitionkey } = envelope
    const fields = { group, type, ...traceOf(partitionkey, envelope), reason }
    if (state === 'parked') log.error(fields, 'parked as a dead letter')
    else log.warn(fields, WHY_LATER[state])
  }
  void advance(tx, group, batch.moves)
}

const WHY_LATER = {
  'kept-back': 'kept back for an instance that knows it',
  replay: 'set aside until its rows are free',
} as const
