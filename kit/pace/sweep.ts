import type { Logger } from '@kit/telemetry/telemetry'
import { Loop, type Found } from './loop.ts'

const BATCH = 2_000

export type Sweep = {
  /** Deletes what is too old, at most so many rows. Resolves to how many it has deleted. */
  readonly deleteOld: (most: number) => Promise<number>
  /** How often to look for more, in ms. */
  readonly every: number
  readonly log: Logger
}

/** Keeps a table short while the process runs. Two processes that do it at once do no harm. */
export const startSweep = ({ deleteOld, every, log }: Sweep): AsyncDisposable => {
  const sweep = async (): Promise<Found> => ((await deleteOld(BATCH)) === BATCH ? 'handled' : 'idle')
  const loop = new Loop(sweep, log, undefined, { poll: every })
  loop.start()
  return loop
}
