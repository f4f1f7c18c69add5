// The floor: what the same rows cost when bare SQL writes them. Every row of a purchase is inserted, then updated as often
// as the run did, then deleted where the run did: each of these rounds is one statement over a whole batch of purchases and
// one commit, as a round's effects must last before the next may begin. No HTTP, no messages, no decisions.
import type { Session } from '@kit/postgres/session'
import { CLIENTS, prepareRounds, PURCHASES, runLaps } from './floor-laps.ts'
import { copyTable, type Copy } from './floor-tables.ts'
import { openBench } from './stand.ts'
import { SCHEMA, type Writes } from './written.ts'

export type Floor = {
  readonly purchases_per_second: number
  /** The run's purchases completed per second over this. */
  readonly ratio: number
  /** Purchases in a statement. */
  readonly batch: number
  /** Statements, each with its commit, for a batch. */
  readonly rounds: number
  readonly seconds: number
  readonly writes_per_purchase: readonly Writes[]
  /** Tables whose rows were gone before they could be copied. */
  readonly left_out: readonly string[]
}

type FloorOptions = {
  readonly url: string
  /** Tables with less than a row in 100 purchases are left out. */
  readonly writes: readonly Writes[]
  readonly batch: number
  readonly seconds: number
  /** Purchases per second of the run. */
  readonly run: number
}

export const measureFloor = async ({ url, writes, batch, seconds, run }: FloorOptions): Promise<Floor> => {
  await using first = await openBench(url)
  await using second = await openBench(url)
  const sessions = [first, second]
  const all: Copy[] = []
  const often = writes.filter(({ inserts, updates, deletes }) => inserts + updates + deletes >= 0.01)
  for (const each of often) all.push(await copyTable(first, each, PURCHASES))
  const copies = all.filter(({ count }) => count > 0)
  const capacity = Math.min(PURCHASES, ...copies.filter(grows).map(({ count, inserts }) => Math.floor(count / inserts)))
  const size = Math.max(1, Math.min(Math.round(batch), Math.floor(capacity / CLIENTS)))
  const rounds = roundsOf(copies, size)
  for (const [client, session] of sessions.entries())
    await prepareRounds(
      session,
      rounds.map((round) => together(round, client)),
    )

  const reset = (): Promise<void> => empty(first, copies)
  const laps = await runLaps({ sessions, rounds: rounds.length, size, capacity, seconds, reset })
  await first.query(`drop schema ${SCHEMA} cascade`)
  const rate = laps.purchases / laps.seconds
  return {
    purchases_per_second: rate,
    ratio: run / rate,
    batch: size,
    rounds: rounds.length,
    seconds: laps.seconds,
    writes_per_purchase: often,
    left_out: all.filter(({ count }) => count === 0).map(({ table }) => table),
  }
}

/** The others hold the same rows throughout, and update them again and again: stock, checkpoints. */
const grows = ({ inserts, updates }: Copy): boolean => inserts >= 0.01 && updates / inserts < 20

/** The statements of each round, as functions of the client's number; `$1` and `$2` bound the batch's purchases. */
type Round = readonly ((client: number) => string)[]

const roundsOf = (copies: readonly Copy[], batch: number): readonly Round[] => {
  const growing = copies.filter(grows)
  const fixed = copies.filter((copy) => !grows(copy) && copy.updates > 0)
  const updates = Math.max(
    ...growing.map((copy) => Math.ceil(copy.updates / copy.inserts - 0.01)),
    ...fixed.map((copy) => Math.ceil((copy.updates * batch) / Math.floor(copy.count / CLIENTS))),
  )
  const update = (round: number): Round => [
    ...growing.flatMap((copy) => {
      const share = Math.min(1, copy.updates / copy.inserts - round)
      return share < 0.01 ? [] : [() => updateOf(copy, batchOf(copy, share))]
    }),
    ...fixed.map((copy) => (client: number) => updateOf(copy, turnOf(copy, (copy.updates * batch) / updates, client))),
  ]
  return [
    growing.map((copy) => () => insertOf(copy)),
    ...Array.from({ length: updates }, (_, round) => update(round)),
    growing.filter(({ deletes }) => deletes >= 0.01).map((copy) => () => deleteOf(copy)),
  ].filter((round) => round.length > 0)
}

/** The round's statements as one. */
const together = (round: Round, client: number): string =>
  `with ${round.map((statement, i) => `s${i} as (${statement(client)})`).join(', ')} select`

/** Empties what grows and fills what does not, so that every lap begins alike. */
const empty = async (session: Session, copies: readonly Copy[]): Promise<void> => {
  for (const copy of copies) {
    await session.query(`truncate ${copy.name}`)
    const list = namesOf(copy)
    if (!grows(copy)) await session.query(`insert into ${copy.name} (${list}) select ${list} from ${copy.rows}`)
  }
  await session.query('checkpoint')
}

/** The rows `r` of the batch, or of the first `share` of it. */
const batchOf = ({ inserts }: Copy, share = 1): string =>
  `r.floor_n > floor($1 * ${inserts}) and r.floor_n <= floor(($1 + ($2 - $1) * ${share}) * ${inserts})`

/** So many of the client's own rows, others each time: clients do not wait for each other. */
const turnOf = ({ count }: Copy, rows: number, client: number): string =>
  `r.floor_n % ${CLIENTS} = ${client} and (r.floor_n + $1) % ${count} < ${Math.ceil(rows * CLIENTS)}`

const insertOf = (copy: Copy): string =>
  `insert into ${copy.name} (${namesOf(copy)}) select ${namesOf(copy)} from ${copy.rows} r where ${batchOf(copy)}`

/** Indexed columns stay as they are, so that the row can stay in its page. */
const updateOf = (copy: Copy, which: string): string => {
  const changes = copy.columns
    .filter(({ key }) => !key)
    .map(({ name, type, indexed }) =>
      type.startsWith('timestamp') && !indexed
        ? `"${name}" = case when r."${name}" is not null then now() end`
        : `"${name}" = r."${name}"`,
    )
  return `update ${copy.name} t set ${changes.join(', ')} from ${copy.rows} r where ${which} and ${sameKey(copy)}`
}

const deleteOf = (copy: Copy): string =>
  `delete from ${copy.name} t using ${copy.rows} r where ${batchOf(copy)} and ${sameKey(copy)}`

const sameKey = ({ keys }: Copy): string => keys.map((key) => `t."${key}" = r."${key}"`).join(' and ')
const namesOf = ({ columns }: Copy): string => columns.map(({ name }) => `"${name}"`).join(', ')
