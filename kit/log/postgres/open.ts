import { openSession, type Session } from '@kit/postgres/session'
import { sql } from '@kit/postgres/statement'
import type { Telemetry } from '@kit/telemetry/telemetry'
import {
  RELAY,
  type Handed,
  type Joining,
  type Lag,
  type Log,
  type Partitioning,
  type Source,
  type TopicPartition,
} from '../log.ts'
import { partitioning as usual } from '../partition.ts'
import type { Tx } from '@kit/postgres/queryable'
import { Housekeeper } from './housekeeper.ts'
import { foldPartitions, membersOf, over, register, retireOthers, retireRelay } from './housekeeping.ts'
import { Membership } from './membership.ts'
import { OutboxSource } from './source.ts'
import { Wake } from './wake.ts'

const joinGroup = sql<{ topic: string }>(import.meta.url, 'join-group.sql')
const refuseOvertaking = sql(import.meta.url, 'refuse-overtaking.sql')

export type PostgresLogOptions = {
  /** Of the database whose outbox is the log, with its migrations applied. */
  readonly url: string
  /** The groups that this process reads for. */
  readonly groups: readonly string[]
  /** All groups that there are, whichever process runs them: what they have not read is kept for them from now on. */
  readonly registered?: readonly string[]
  /** Nothing is kept any more for groups that are not registered here; where the outbox is not what they read. */
  readonly only?: boolean
  readonly partitioning?: Partitioning
  /** The database's name in metrics, where there are several. */
  readonly name?: string
  /** How far groups are behind that do not read the outbox. */
  readonly others?: () => Promise<readonly Lag[]>
  /** How long rows are kept that all have read, in seconds. */
  readonly keep: number
  readonly telemetry: Telemetry
}

export type PostgresLog = Log & {
  /** The partitions of a group that are this process's, of all that there are. */
  readonly share: (group: string, all: readonly TopicPartition[]) => readonly TopicPartition[]
  /** Calls `listener` when there is something new in these topics, or they are shared out anew, until the returned function is called. */
  readonly onChange: (topics: readonly string[], listener: () => void) => () => void
}

/** The log that the outbox is: who commits tells the readers, who share the partitions of their group with other processes. */
export const openPostgresLog = async (options: PostgresLogOptions): Promise<PostgresLog> => {
  const { url, groups, registered = groups, only = false, partitioning = usual, telemetry } = options
  const open = (patience?: number): Promise<Session> =>
    openSession(url, { name: 'argosy log', ...(patience !== undefined && { patience }) })
  const wake = new Wake()
  await using opening = new AsyncDisposableStack()
  await prepare(open, { registered, only, partitioning })
  const membership = opening.use(await Membership.join({ open, groups, wake, log: telemetry.log }))
  const housekeeper = opening.use(new Housekeeper({ ...options, open }))
  const opened = opening.move()
  return {
    ...partitioning,
    join: (joining) => join(joining, { wake, partitioning, share: (all) => membership.share(joining.group, all) }),
    committed: (topics) => {
      wake.signal(topics)
      membership.announce(topics)
    },
    keepOrder,
    lag: () => housekeeper.lag(),
    complaint: membership.complaint,
    share: membership.share,
    onChange: (topics, listener) => wake.on(topics, listener),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** The same log for a process that reads it all, alone: no members, no housekeeping. For tests and measurements. */
export const openLonePostgresLog = (): Log => {
  const wake = new Wake()
  return {
    ...usual,
    join: (joining) => join(joining, { wake, partitioning: usual, share: (all) => all }),
    committed: (topics) => wake.signal(topics),
    keepOrder,
    lag: async () => [],
    complaint: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

type Wanted = {
  readonly registered: readonly string[]
  readonly only: boolean
  readonly partitioning: Partitioning
}

const prepare = async (open: () => Promise<Session>, { registered, only, partitioning }: Wanted): Promise<void> => {
  await using session = await open()
  await register(over(session), registered)
  await foldPartitions(over(session), partitioning)
  if (only) await retireOthers(over(session), registered)
  // The log was elsewhere before; nobody takes messages there any more.
  else if ((await membersOf(over(session)))(RELAY) === 0) await retireRelay(over(session))
}

const keepOrder = (tx: Tx, handed: readonly Handed[]): void =>
  void tx.query(refuseOvertaking, [
    handed.map(({ group }) => group),
    handed.map(({ topic }) => topic),
    handed.map(({ partition }) => partition),
    handed.map(({ position }) => position),
    handed.map(({ keys }) => JSON.stringify([...keys])),
    handed.map(({ types }) => types?.join() ?? null),
  ])

type Around = {
  readonly wake: Wake
  readonly partitioning: Partitioning
  readonly share: (all: readonly TopicPartition[]) => readonly TopicPartition[]
}

const join = async ({ group, topics, db, ...listening }: Joining, around: Around): Promise<Source> => {
  const { wake, partitioning, share } = around
  await db.transaction(async (tx) => {
    const missed = await tx.query(joinGroup, [group, topics])
    if (missed.length > 0)
      listening.missed?.(
        tx,
        missed.map(({ topic }) => topic),
      )
  })
  const all = partitionsOf(topics, partitioning)
  const leave = wake.on(topics, listening.wake)
  return new OutboxSource({ group, db, owned: () => share(all), leave })
}

/** All topic partitions of the given topics. */
export const partitionsOf = (
  topics: readonly string[],
  { partitions }: Pick<Partitioning, 'partitions'>,
): readonly TopicPartition[] =>
  topics.flatMap((topic) => Array.from({ length: partitions(topic) }, (_, partition) => ({ topic, partition })))
