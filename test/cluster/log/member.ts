// A process that reads, or writes, or both, until it is told to end: node member.ts <options as JSON>
import { once } from 'node:events'
import process from 'node:process'
import { Reader, type ReaderOptions } from '@kit/messaging/reader'
import { sender } from '@kit/messaging/send'
import { Together, type Mode } from '@kit/messaging/together/together'
import { systemPlatform } from '@kit/platform/system'
import { openSharedDatabase } from '@kit/postgres/database'
import { sql } from '@kit/postgres/statement'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import { betweenIn, notedIn, passedIn, passOn, writeSeen } from './noted.ts'
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
  /** A group of the scene reads what another one hands on, which is in the same process then. */
  readonly together?: Mode
}

const insertMissed = sql(import.meta.url, 'insert-missed.sql')

// It ends with whoever has started it.
process.on('disconnect', () => process.exit(1))
const ended = once(process, 'SIGTERM')
const options = JSON.parse(process.argv[2] ?? '') as MemberOptions
const { scene, member, reads, takes = 0, writes, databaseUrl, together: mode } = options
const between = betweenIn(scene)
{
  await using owned = new AsyncDisposableStack()
  const platform = systemPlatform({ failpoints: process.env['ARGOSY_FAILPOINTS'] ?? '' })
  const telemetry = { log: openLog({ level: 'error' }), metrics: openMetrics() }
  const shared = owned.use(openSharedDatabase({ url: databaseUrl }))
  const db = shared.of(scene)
  const handsOn = mode !== undefined && reads === scene
  const groups = reads === undefined ? [] : handsOn ? [reads, between] : [reads]
  const log = owned.use(await openMemberLog({ ...options, groups, platform, telemetry }))
  const { partitionOf, committed } = log
  const together = handsOn ? new Together({ mode, platform, log, telemetry }) : undefined
  const enqueue = (): void => undefined
  const send = sender({ platform, partitionOf, committed, written: together?.sent, enqueue })
  const around = { send, enqueue, together, log, platform, telemetry }
  if (reads !== undefined) {
    const failed = (): void => void process.send?.('failed')
    const message = mode === undefined ? notedIn(scene) : passedIn(scene)
    const consumers = [writeSeen(message, { group: reads, member, takes, failed })]
    const missed: ReaderOptions['missed'] = (tx, topics) => void tx.query(insertMissed, [reads, topics])
    owned.use(new Reader({ ...around, group: reads, consumers, db, missed })).start()
  }
  if (handsOn) {
    const consumers = [passOn(scene)]
    owned.use(new Reader({ ...around, group: between, consumers, db: shared.of(between) })).start()
  }
  if (writes !== undefined) owned.use(keepWriting({ db, send, scene }, writes))
  process.send?.('ready')
  await ended
}
process.exit(0)
