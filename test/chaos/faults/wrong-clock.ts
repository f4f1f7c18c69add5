import type { Disturbance } from '../world.ts'

const AHEAD = 2 * 60 * 60 * 1_000

/** The wall clock of the shop is two hours ahead, and then right again. */
export const wrongClock: Disturbance = {
  lasts: [5_000, 5_000],
  begin: async ({ clock }) => clock.jump(AHEAD),
}
