import type { Progress } from '../progress.ts'
import { duration } from './terminal.ts'
import type { Terminal } from './terminal.ts'

const NAME_WIDTH = 16
const TIME_WIDTH = 8

/** One line per phase, with the time it took: `✓ database   212 ms   PostgreSQL 18, 9 schemas`. */
export const narratePhases =
  ({ say, paint }: Terminal): Progress =>
  (phase) => {
    const began = performance.now()
    return (achieved) => {
      const took = duration(performance.now() - began).padStart(TIME_WIDTH)
      say(`  ${paint('green', '✓')} ${phase.padEnd(NAME_WIDTH)}${paint('dim', took)}   ${achieved}`)
    }
  }
