import type { Send } from '@kit/messaging/outgoing'
import type { Commit } from '@kit/messaging/together/together'
import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Worker } from './job.ts'

export type RunnerOptions = {
  readonly workers: readonly Worker[]
  readonly db: Database
  readonly send: Send
  /** How ends are committed with what they send: by way of the log unless given. */
  readonly commit?: Commit | undefined
  readonly platform: Platform
  readonly telemetry: Telemetry
  /** In ms, where a test cannot wait as long: how long a lease lasts, and how long a try may take. */
  readonly times?: { readonly lease?: number; readonly try?: number }
}
