import { openDatabase } from '@kit/postgres/database'
import type { Platform } from '@kit/platform/platform'
import { BROKER_UP } from '@kit/telemetry/metrics'
import type { Telemetry } from '@kit/telemetry/telemetry'
import { RELAY, type Joining, type Log } from '../log.ts'
import { openPostgresLog, partitionsOf, type PostgresLog } from '../postgres/open.ts'
import { sql } from '@kit/postgres/statement'
import { positionsIn } from './groups.ts'
import { Offsets } from './offsets.ts'
import { kafkaPartitioning } from './partitioning.ts'
import { Producing } from './producing.ts'
import { Relay } from './relay.ts'
import { KafkaSource } from './source.ts'
import { Topics } from './topics.ts'
import { addressOf, type Address, type Certificates } from './url.ts'

const selectMissed = sql<{ topic: string }>(import.meta.url, 'select-missed.sql')

export type KafkaOptions = {
  /** `kafka://host,host`, `kafkas://user:password@host`. */
  readonly url: string
  readonly certificates?: Certificates
  /** All topics of the fleet. */
  readonly topics: readonly string[]
  /** How many partitions each has. */
  readonly partitions: number
  readonly replicas?: number | undefined
  /** Whether topics that are missing are made; they are unless false. */
  readonly create?: boolean
  readonly platform: Platform
  readonly telemetry: Telemetry
}

/** A process's connections to Kafka, whatever databases it writes to. */
export type Kafka = AsyncDisposable & {
  readonly address: Address
  readonly topics: Topics
  readonly partitions: number
  readonly offsets: Offsets
  readonly producing: Producing
  readonly platform: Platform
}

/** Connects, and makes the topics that are missing. Throws an error with a `fix` when they cannot be used as they are. */
export const connectKafka = async (options: KafkaOptions): Promise<Kafka> => {
  const { url, certificates, topics: names, partitions, replicas, create = true, platform, telemetry } = options
  const address = addressOf(url, certificates)
  await using opening = new AsyncDisposableStack()
  const topics = opening.use(
    await Topics.prepare({ address, topics: names, partitions, replicas, create, log: telemetry.log }),
  )
  const offsets = opening.use(new Offsets(address, platform.clock, telemetry.log))
  const producing = opening.use(new Producing(address))
  const up = telemetry.metrics.gauge(...BROKER_UP)
  telemetry.metrics.collect(() => up.set({ broker: 'kafka' }, topics.complaint() === undefined ? 1 : 0))
  const opened = opening.move()
  return {
    address,
    topics,
    partitions,
    offsets,
    producing,
    platform,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

export type KafkaLogOptions = {
  readonly kafka: Kafka
  /** Of a database with the log's schema: what is written to its outbox goes to Kafka. */
  readonly databaseUrl: string
  /** The database's name in metrics, where there are several. */
  readonly name?: string | undefined
  /** The groups that this process reads for whose checkpoints are in the database. */
  readonly groups: readonly string[]
  /** How long the outbox keeps what is in Kafka, in seconds. */
  readonly keep: number
  readonly telemetry: Telemetry
}

/**
 * Kafka as the log of the services of one database. Their groups share partitions by that database, where their
 * checkpoints are, too; a relay takes what they write from there to Kafka.
 */
export const openKafkaLog = async (options: KafkaLogOptions): Promise<Log> => {
  const { kafka, databaseUrl: url, groups, keep, telemetry, name } = options
  const { topics, producing, offsets } = kafka
  const partitioning = kafkaPartitioning(kafka.partitions)
  await using opening = new AsyncDisposableStack()
  // What a crash of the server undoes of the relay's checkpoints is written to Kafka twice, no more.
  const settings = { synchronous_commit: 'off' }
  const db = opening.use(openDatabase({ url, service: RELAY, max: 2, settings, log: telemetry.log }))
  const outbox = opening.use(
    await openPostgresLog({
      url,
      groups: [...groups, RELAY],
      registered: [RELAY],
      only: true,
      partitioning,
      keep,
      telemetry,
      others: async () => offsets.lag(await positionsIn(db, kafka)),
      ...(name === undefined ? {} : { name }),
    }),
  )
  const relay = opening.use(
    new Relay({
      db,
      outbox,
      topicIds: () => topics.ids,
      write: (records) => producing.write(records),
      platform: kafka.platform,
      log: telemetry.log,
    }),
  )
  relay.start()
  const sources = new Set<KafkaSource>()
  const opened = opening.move()
  return {
    ...partitioning,
    join: async (joining) => {
      const source = await join(joining, { kafka, outbox, telemetry, left: () => sources.delete(source) })
      sources.add(source)
      return source
    },
    committed: outbox.committed,
    lag: outbox.lag,
    complaint: () => {
      for (const part of [outbox, topics, relay, ...sources]) {
        const complaint = part.complaint()
        if (complaint !== undefined) return complaint
      }
      return undefined
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

type Around = {
  readonly kafka: Kafka
  readonly outbox: PostgresLog
  readonly telemetry: Telemetry
  readonly left: () => void
}

const join = async ({ group, topics, db, wake, missed }: Joining, around: Around): Promise<KafkaSource> => {
  const { kafka, outbox, telemetry, left } = around
  const all = partitionsOf(topics, outbox)
  if (missed !== undefined) {
    const gone = await kafka.offsets.withoutBeginning(all)
    await db.transaction(async (tx) => {
      const lost = await tx.query(selectMissed, [group, topics, gone])
      if (lost.length > 0)
        missed(
          tx,
          lost.map(({ topic }) => topic),
        )
    })
  }
  const stopListening = outbox.onChange(topics, wake)
  return new KafkaSource({
    address: kafka.address,
    group,
    topics,
    owned: () => outbox.share(group, all),
    arrived: wake,
    passed: (place, offset) => kafka.offsets.passed(group, place, offset),
    log: telemetry.log,
    leave: () => {
      stopListening()
      left()
    },
  })
}
