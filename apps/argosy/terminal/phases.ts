import type { Progress } from '../progress.ts'
import { duration } from './terminal.ts'
import type { Terminal } from './terminal.ts'

const NAME_WIDTH = 16
const TIME_WIDTH = 8
/** A phase that takes its time says so every so many ms. */
const LONG = 5_000

/**
 * One line per phase, with the time it took: `✓ database   212 ms   PostgreSQL 18, 9 schemas`; and one now and then while it
 * takes long. No more of those once `over` is aborted.
 */
export const narratePhases =
  ({ say, paint }: Terminal, over: AbortSignal, long = LONG): Progress =>
  (phase) => {
    const began = performance.now()
    const patience = setInterval(() => {
      if (over.aborted) return clearInterval(patience)
      say(
        `  ${paint('dim', '…')} ${phase.padEnd(NAME_WIDTH)}${paint('dim', `for ${duration(performance.now() - began)}`)}`,
      )
    }, long)
    // Whoever waits keeps the process; this alone does not.
    patience.unref()
    return (achieved) => {
      clearInterval(patience)
      const took = duration(performance.now() - began).padStart(TIME_WIDTH)
      say(`  ${paint('green', '✓')} ${phase.padEnd(NAME_WIDTH)}${paint('dim', took)}   ${achieved}`)
    }
  }
