import { freeze } from '../../faults/frozen-process.ts'
import type { Disturbance } from '../world.ts'

/** The whole shop gets no time, as a machine that swaps or is moved. */
export const frozenShop: Disturbance = {
  lasts: [3_000, 12_000],
  begin: async ({ keeper }) => freeze(keeper.pid),
}
