import type { Cause } from '@kit/messaging/outgoing'

/** How long a job belongs to its worker unless that renews the lease, in ms. After that somebody else may try. */
export const LEASE = 10_000

/** How long a try may take, in ms. */
export const TRY = 60_000

/** A job that belongs to this process for the length of a lease. */
export type LeasedJob = {
  readonly id: string
  readonly type: string
  readonly key: string
  readonly data: unknown
  readonly cause: Cause | null
  /** 1 for the first try; also the fencing token of the lease. */
  readonly attempt: number
}
