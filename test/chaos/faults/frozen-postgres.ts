import { existsSync } from 'node:fs'
import { freezeServer } from '../../faults/frozen-server.ts'
import type { Disturbance } from '../world.ts'

/** All of PostgreSQL gets no time. */
export const frozenPostgres: Disturbance = {
  missing: () => (existsSync('/proc/self/stat') ? undefined : 'its processes are found by /proc'),
  lasts: [3_000, 12_000],
  begin: async ({ database }) => freezeServer(database.postmaster),
}
