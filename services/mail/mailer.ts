import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import type { Addressed } from './letter.ts'

/** The port for outgoing mail; `SMTP_URL` chooses the adapter. */
export type Mailer = {
  /** Letters in the air at once. */
  readonly concurrency: number
  /** Sends for good, outside any transaction. Throws HopelessJob when the receiving side said no for ever. */
  readonly send: (letter: Addressed) => Promise<void>
  /** Keeps what was sent, in the transaction that ends the work. */
  readonly keep: (letters: readonly Addressed[], tx: Tx, platform: Platform) => Promise<void>
}
