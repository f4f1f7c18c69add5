import type { Log } from '@kit/log/log'
import { openPostgresLog } from '@kit/log/postgres/open'
import type { Telemetry } from '@kit/telemetry/telemetry'

export type MemberLogOptions = {
  readonly logUrl: string
  /** Of the database that has the outbox and the checkpoints. */
  readonly databaseUrl: string
  /** The groups that this process reads for. */
  readonly groups: readonly string[]
  /** How long what all have read is kept, in seconds. */
  readonly keep: number
  readonly telemetry: Telemetry
}

/** Opens the log under test by its URL: whatever a process needs in order to read it and to have read what it sends. */
export const openMemberLog = ({ logUrl, databaseUrl, ...options }: MemberLogOptions): Promise<Log> => {
  if (logUrl === 'postgres:') return openPostgresLog({ url: databaseUrl, ...options })
  throw new Error(`there is no log of the kind ${logUrl}`)
}
