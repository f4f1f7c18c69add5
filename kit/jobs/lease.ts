import type { Cause } from '@kit/messaging/outgoing'

/** How long a job belongs to its worker unless that renews the lease, in ms. After that somebody else may try. */
export const LEASE = 10_000

/** How long a try may take, in ms. */
export const TRY = 60_000

/** So many tries in a row may end unrecorded, as when their process is killed, before the next is made alone. */
export const SUSPECT = 2

/** After so many the job is held to be what kills its process. */
export const UNFINISHED = 6

/** A job that belongs to this process for the length of a lease. */
export type LeasedJob = {
  readonly id: string
  readonly type: string
  readonly key: string
  readonly data: unknown
  readonly cause: Cause | null
  /** 1 for the first try; also the fencing token of the lease. */
  readonly attempt: number
  /** Tries in a row that have begun and are not recorded, this one included. */
  readonly unfinished: number
  /** It has been given to others before, who may have died of it: from now on the table counts its tries as they begin. */
  readonly redelivered?: boolean
}
