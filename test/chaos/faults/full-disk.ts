import { noSmallDisk } from '../../faults/small-disk.ts'
import { useUpReserve } from '../../faults/write-ahead-log.ts'
import type { Disturbance } from '../world.ts'

/** The database's disk is full: what it writes first cannot grow any more, and it ends. Space comes back. */
export const fullDisk: Disturbance = {
  missing: noSmallDisk,
  lasts: [4_000, 8_000],
  seldom: true,
  begin: async ({ disk, database }) => {
    if (disk === undefined) throw new Error('the database is not on a disk that may be filled')
    await using owned = new AsyncDisposableStack()
    owned.defer(() => database.answers())
    owned.use(disk.fill())
    await useUpReserve(database.url)
    return owned.move()
  },
}
