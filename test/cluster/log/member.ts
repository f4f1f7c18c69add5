// A process that reads, or writes, or both, until it is told to end: node member.ts <options as JSON>
import { once } from 'node:events'
import process from 'node:process'
import { Reader, type ReaderOptions } from '@kit/messaging/reader'
import { sender } from '@kit/messaging/send'
import { systemPlatform } from '@kit/platform/system'
import { openDatabase } from '@kit/postgres/database'
import { sql } from '@kit/postgres/statement'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { notedIn, writeSeen } from './noted.ts'
import { openMemberLog } from './open-member-log.ts'
import { keepWriting, type Writes } from './writing.ts'

export type MemberOptions = {
  readonly member: string
  readonly scene: string
  readonly logUrl: string
  readonly databaseUrl: string
  /** How long what all have read is kept, in seconds. */
  readonly keep: number
  /** The group that it reads for. */
  readonly reads?: string
  /** Ms that it takes for every batch. */
  readonly takes?: number
  readonly writes?: Writes
}

const insertMissed = sql(import.meta.url, 'insert-missed.sql')

// It ends with whoever has started it.
process.on('disconnect', () => process.exit(1))
const ended = once(process, 'SIGTERM')
const options = JSON.parse(process.argv[2] ?? '') as MemberOptions
const { scene, member, reads, takes = 0, writes, databaseUrl } = options
{
  await using owned = new AsyncDisposableStack()
  const platform = systemPlatform({ failpoints: process.env['ARGOSY_FAILPOINTS'] ?? '' })
  const telemetry = { log: openLog({ level: 'error' }), metrics: openMetrics() }
  const db = owned.use(openDatabase({ url: databaseUrl, service: 'notes' }))
  const groups = reads === undefined ? [] : [reads]
  const log = owned.use(await openMemberLog({ ...options, groups, platform, telemetry }))
  const { partitionOf, committed } = log
  const send = sender({ platform, partitionOf, committed, enqueue: () => undefined })
  if (reads !== undefined) {
    const failed = (): void => void process.send?.('failed')
    const consumers = [writeSeen(notedIn(scene), { group: reads, member, takes, failed })]
    const missed: ReaderOptions['missed'] = (tx, topics) => void tx.query(insertMissed, [reads, topics])
    const reader = owned.use(new Reader({ group: reads, consumers, db, send, log, platform, telemetry, missed }))
    reader.start()
  }
  if (writes !== undefined) owned.use(keepWriting({ db, send, scene }, writes))
  process.send?.('ready')
  await ended
}
process.exit(0)
