import { PermanentFailure } from '@kit/jobs/job'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import type { Addressed } from './letter.ts'

/** The port for outgoing mail; `SMTP_URL` chooses the adapter. */
export type Mailer = {
  /** Letters in the air at once. */
  readonly concurrency: number
  /** False: nothing is sent, and nothing can fail; letters are only kept. */
  readonly leavesTheHouse: boolean
  /** Whether it can learn that an address does not exist. */
  readonly bounces: boolean
  /**
   * Sends for good, outside any transaction; gives up when `signal` says so. Throws UnknownAddress when there is nobody at the
   * address, PermanentFailure when the receiving side said no for ever to the letter; anything else is worth another try.
   */
  readonly send: (letter: Addressed, signal: AbortSignal, at: Date) => Promise<void>
  /** Keeps what was sent, in the transaction that ends the work. */
  readonly keep: (letters: readonly Addressed[], tx: Tx, platform: Platform) => Promise<void>
}

/** The receiving side says that nobody has the address. */
export class UnknownAddress extends PermanentFailure {}
