import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { over, turnSegments } from '@kit/log/postgres/housekeeping'
import { logMigrations } from '@kit/log/postgres/migrations'
import { migrate } from '@kit/migrations/migrate'
import { openSession, type Session } from '@kit/postgres/session'
import { join } from 'node:path'
import type { Tell } from './purchases.ts'
import { scratchFolder } from './stand.ts'

export type RetentionOptions = {
  /** How many rows the log holds in the end. */
  readonly rows: number
}

export type RetentionResult = {
  readonly options: RetentionOptions
  /** By rows in the segment, in ms: a look when nothing may go yet, and the one that empties it. */
  readonly looks: readonly { readonly rows: number; readonly young: number; readonly emptied: number }[]
  readonly violations: readonly string[]
}

const TOPICS = 12
const PARTITIONS = 4
/** Seconds: more than filling takes. */
const KEEP = 3_600
/** Looks of which the median counts. */
const LOOKS = 5

/** How long it takes to keep the log short, for logs of different sizes: behind rows that are too young, and when all may go. */
export const measureRetention = async ({ rows }: RetentionOptions, tell: Tell): Promise<RetentionResult> => {
  using scratch = scratchFolder()
  await using postgres = await startEmbedded({ dir: join(scratch.path, 'pg'), fsync: false })
  await migrate({ url: postgres.url, schemas: [{ name: 'log', folders: [logMigrations], sharedWith: ['bench'] }] })
  await using session = await openSession(postgres.url, { patience: 3_600_000 })
  await session.query(`insert into log.reader_group (name, topics)
    select 'bench', array_agg('topic' || t) from generate_series(1, ${TOPICS}) t`)
  // The vacuum comes by after so many rows; a look would give up its lock to it, and try again later.
  for (const n of [0, 1, 2]) await session.query(`alter table log.outbox_${n} set (autovacuum_enabled = off)`)
  const looks = []
  for (let size = Math.min(10_000, rows); size <= rows; size *= 10) {
    await fill(session, size)
    tell(`${size} rows`)
    looks.push({ rows: size, young: await medianLook(session), emptied: await lookThatEmpties(session) })
  }
  const left = await session.query<{ n: string }>('select count(*) as n from log.outbox')
  return { options: { rows }, looks, violations: left[0]?.n === '0' ? [] : [`${left[0]?.n} rows are left`] }
}

/** Rows of the size that a busy shop's have, young, all of them read, in the segment before the present one. */
const fill = async (session: Session, rows: number): Promise<void> => {
  await session.query(`insert into log.outbox (topic, partition, messages, segment)
    select 'topic' || (1 + n % ${TOPICS}), n / ${TOPICS} % ${PARTITIONS},
           json_build_array(repeat('x', 300)), (s.segment + 2) % 3
      from generate_series(1, ${rows}) n, log.state s`)
  await session.query('delete from log.checkpoint')
  await session.query(`insert into log.checkpoint (reader_group, topic, partition, position)
    select 'bench', topic, partition, max(seq) || '@' || pg_current_snapshot() from log.outbox group by topic, partition`)
}

const look = async (session: Session): Promise<{ readonly ms: number; readonly emptied: number }> => {
  const began = performance.now()
  const emptied = await turnSegments(over(session), KEEP)
  return { ms: performance.now() - began, emptied: emptied.length }
}

const medianLook = async (session: Session): Promise<number> => {
  const times: number[] = []
  for (let n = 0; n < LOOKS; n++) times.push((await look(session)).ms)
  return times.toSorted((one, other) => one - other)[LOOKS >> 1] ?? Number.NaN
}

const lookThatEmpties = async (session: Session): Promise<number> => {
  // The clock cannot be moved: the rows' times are, for the last row of each partition only, by which the age is judged.
  await session.query(`update log.outbox o set at = at - interval '2 hours'
     from (select topic, partition, max(seq) as seq from log.outbox group by topic, partition) l
    where o.topic = l.topic and o.partition = l.partition and o.seq = l.seq`)
  const { ms, emptied } = await look(session)
  return emptied === 1 ? ms : Number.NaN
}
