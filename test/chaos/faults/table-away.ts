import { renameColumn, RESERVED_LINES, type Column } from '../../faults/renamed-column.ts'
import type { Disturbance } from '../world.ts'

const COLUMNS: readonly Column[] = [
  RESERVED_LINES,
  { table: '"order".orders', column: 'status' },
  { table: 'payment.payment', column: 'state' },
  { table: 'purchase.saga', column: 'step' },
]

/** What a service needs of a table has another name, as in an upgrade that went too far. */
export const tableAway: Disturbance = {
  lasts: [8_000, 8_000],
  begin: async ({ database, chance, log }) => {
    const column = chance.pick(COLUMNS)
    log(`away: ${column.table}.${column.column}`)
    return renameColumn(database.url, column)
  },
}
