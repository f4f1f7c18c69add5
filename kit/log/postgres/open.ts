import { openSession, type Session } from '@kit/postgres/session'
import { sql } from '@kit/postgres/statement'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Joining, Log, Source, TopicPartition } from '../log.ts'
import { PARTITIONS, partitioning } from '../partition.ts'
import { Housekeeper } from './housekeeper.ts'
import { over, register } from './housekeeping.ts'
import { Membership } from './membership.ts'
import { OutboxSource } from './source.ts'
import { Wake } from './wake.ts'

const joinGroup = sql<{ topic: string }>(import.meta.url, 'join-group.sql')

export type PostgresLogOptions = {
  /** Of the database whose outbox is the log, with its migrations applied. */
  readonly url: string
  /** The groups that this process reads for. */
  readonly groups: readonly string[]
  /** All groups that there are, whichever process runs them: what they have not read is kept for them from now on. */
  readonly registered?: readonly string[]
  /** How long rows are kept that all have read, in seconds. */
  readonly keep: number
  readonly telemetry: Telemetry
}

/** The log that the outbox is: who commits tells the readers, who share the partitions of their group with other processes. */
export const openPostgresLog = async (options: PostgresLogOptions): Promise<Log> => {
  const { url, groups, registered = groups, telemetry } = options
  const open = (patience?: number): Promise<Session> =>
    openSession(url, { name: 'argosy log', ...(patience !== undefined && { patience }) })
  const wake = new Wake()
  await using opening = new AsyncDisposableStack()
  await registerAll(open, registered)
  const membership = opening.use(await Membership.join({ open, groups, wake, log: telemetry.log }))
  const housekeeper = opening.use(new Housekeeper({ open, keep: options.keep, telemetry }))
  const opened = opening.move()
  return {
    ...partitioning,
    join: (joining) => join(joining, wake, (all) => membership.share(joining.group, all)),
    committed: (topics) => {
      wake.signal(topics)
      membership.announce(topics)
    },
    lag: () => housekeeper.lag(),
    complaint: membership.complaint,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** The same log for a process that reads it all, alone: no members, no housekeeping. For tests and measurements. */
export const openLonePostgresLog = (): Log => {
  const wake = new Wake()
  return {
    ...partitioning,
    join: (joining) => join(joining, wake, (all) => all),
    committed: (topics) => wake.signal(topics),
    lag: async () => [],
    complaint: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

const registerAll = async (open: () => Promise<Session>, groups: readonly string[]): Promise<void> => {
  await using session = await open()
  await register(over(session), groups)
}

type Share = (all: readonly TopicPartition[]) => readonly TopicPartition[]

const join = async ({ group, topics, db, ...listening }: Joining, wake: Wake, share: Share): Promise<Source> => {
  await db.transaction(async (tx) => {
    const missed = await tx.query(joinGroup, [group, topics])
    if (missed.length > 0)
      listening.missed?.(
        tx,
        missed.map(({ topic }) => topic),
      )
  })
  const all = partitionsOf(topics)
  const leave = wake.on(topics, listening.wake)
  return new OutboxSource({ group, db, owned: () => share(all), leave })
}

/** All topic partitions of the given topics. */
export const partitionsOf = (topics: readonly string[]): readonly TopicPartition[] =>
  topics.flatMap((topic) => Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })))
