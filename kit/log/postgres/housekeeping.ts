import type { Lag } from '../log.ts'
import { sql } from '@kit/postgres/statement'
import type { Session } from '@kit/postgres/session'

/** A group that the log is kept for. */
export type ReaderGroup = {
  readonly name: string
  /** What it reads; null as long as it has never run: then everything is kept for it. */
  readonly topics: readonly string[] | null
  readonly registered_at: Date
  readonly forgotten_at: Date | null
}

const selectLag = sql<Lag>(import.meta.url, 'lag.sql')
const selectGroups = sql<ReaderGroup>(import.meta.url, 'select-groups.sql')
const registerGroups = sql(import.meta.url, 'register-groups.sql')
const forgetGroup = sql<{ name: string }>(import.meta.url, 'forget-group.sql')
const selectHorizon = sql<{ seconds: number }>(import.meta.url, 'select-horizon.sql')

type Asking = Pick<Session, 'query'>

/** How far every group is behind. */
export const lagOf = (session: Asking): Promise<readonly Lag[]> => session.query<Lag>(selectLag.text)

/** All groups, forgotten ones too. */
export const listGroups = (session: Asking): Promise<readonly ReaderGroup[]> =>
  session.query<ReaderGroup>(selectGroups.text)

/** From now on the log keeps for these groups what they have not read, whether or not they run. */
export const register = async (session: Asking, groups: readonly string[]): Promise<void> => {
  await session.query(registerGroups.text, [groups])
}

/** Keeps nothing for a group any more, and forgets how far it had read. False when there is none of that name. */
export const forget = async (session: Asking, group: string): Promise<boolean> =>
  (await session.query(forgetGroup.text, [group])).length > 0

/** Age in seconds of the oldest transaction that has written to the log and not ended: 0 when there is none. */
export const horizonOf = async (session: Asking): Promise<number> =>
  (await session.query<{ seconds: number }>(selectHorizon.text))[0]?.seconds ?? 0

/** Empties segments that are read and older than `keep` seconds, and gives the next one its turn. Returns those emptied. */
export const turnSegments = async (session: Asking, keep: number): Promise<readonly number[]> => {
  const [row] = await session.query<{ emptied: number[] }>(
    `select log.turn_segments($1::float8 * interval '1 second') as emptied`,
    [keep],
  )
  return row?.emptied ?? []
}
