import { existsSync } from 'node:fs'
import { freezeBackend } from '../../faults/frozen-backend.ts'
import type { Disturbance } from '../world.ts'

/** Ms in which one must be met in a transaction. */
const MET_WITHIN = 8_000

/** One backend of PostgreSQL is stopped in the middle of a transaction of the shop's. */
export const frozenBackend: Disturbance = {
  missing: () => (existsSync('/proc/self/cmdline') ? undefined : 'backends are told from other processes by /proc'),
  lasts: [4_000, 12_000],
  begin: async ({ database, log }) => {
    const frozen = await freezeBackend(database.url, { patience: MET_WITHIN })
    log(`the backend is of ${frozen.service}, ${frozen.state}`)
    return frozen
  },
}
