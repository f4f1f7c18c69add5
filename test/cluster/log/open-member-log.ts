import { connectKafka, openKafkaLog } from '@kit/log/kafka/open'
import type { Log } from '@kit/log/log'
import { openPostgresLog } from '@kit/log/postgres/open'
import type { Platform } from '@kit/platform/platform'
import type { Telemetry } from '@kit/telemetry/telemetry'

export type MemberLogOptions = {
  readonly logUrl: string
  /** Of the database that has the outbox and the checkpoints. */
  readonly databaseUrl: string
  /** The scene, whose topic it is about. */
  readonly scene: string
  /** The groups that this process reads for. */
  readonly groups: readonly string[]
  /** How long what all have read is kept, in seconds. */
  readonly keep: number
  readonly platform: Platform
  readonly telemetry: Telemetry
}

/** Opens the log under test by its URL: whatever a process needs in order to read it and to have read what it sends. */
export const openMemberLog = async (options: MemberLogOptions): Promise<Log> => {
  const { logUrl, databaseUrl, scene, groups, keep, platform, telemetry } = options
  if (logUrl === 'postgres:') return openPostgresLog({ url: databaseUrl, groups, keep, telemetry })
  await using opening = new AsyncDisposableStack()
  const topics = [`${scene}.events`]
  const kafka = opening.use(await connectKafka({ url: logUrl, topics, partitions: 4, platform, telemetry }))
  const log = opening.use(await openKafkaLog({ kafka, databaseUrl, groups, keep, telemetry }))
  const opened = opening.move()
  return { ...log, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
