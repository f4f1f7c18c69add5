// Stored purchases in bulk: copies of those that the shop has made, so that they are what the shop writes, whatever that is.
import type { Session } from '@kit/postgres/session'
import { setTimeout as pause } from 'node:timers/promises'
import { quoted, type Writes } from './written.ts'

/** UUIDv7s that were made in one slot of 2^16 ms begin with the same 8 digits: by these their copies are told apart. */
const SLOT = 2 ** 16

/** Resolves when ids begin otherwise than all that were made before: what is made from then on can be copied, and that not. */
export const nextSlot = (): Promise<void> => pause(SLOT - (Date.now() % SLOT))

/**
 * Copies, as often as it takes to have so many purchases, the rows that name an id made since `nextSlot`, in all tables that have
 * grown with the purchases, under ids of slots before. Of the log, which is kept for a time only, nothing is copied. Nothing may
 * be open. Returns how many purchases there are then. Throws when there is none to copy.
 */
export const storeCopies = async (
  sessions: readonly [Session, ...Session[]],
  writes: readonly Writes[],
  stored: number,
  tell: (line: string) => void,
): Promise<number> => {
  const [first] = sessions
  const found = await first.query<{ slot: string; n: string }>(
    'select left(id::text, 8) as slot, count(*) as n from purchase.purchase group by 1 order by 1',
  )
  const made = found.reduce((sum, { n }) => sum + Number(n), 0)
  const numbers = found.map(({ slot }) => Number.parseInt(slot, 16))
  const [from, to] = [numbers[0], numbers.at(-1)]
  if (from === undefined || to === undefined) throw new Error('there is no purchase to copy')
  // What belongs to a purchase, a letter for one, may have an id of the slot after it.
  const slots = Array.from({ length: to - from + 2 }, (_, i) => from + i)
  await first.query(`create schema ${SCHEMA}`)
  const templates: Template[] = []
  for (const { table } of writes.filter(stays)) templates.push(await keepTemplate(first, table, slots))

  const copies = Math.max(0, Math.ceil(stored / made) - 1)
  tell(`${made} purchases are there and are copied ${copies} times, in ${templates.length} tables`)
  let next = copies
  const work = async (session: Session): Promise<void> => {
    // The oldest first: as in life, what comes later stands behind it in the index.
    for (let copy = next--; copy > 0; copy = next--) {
      for (const template of templates) await session.query(insertOf(template, slots, copy))
      if (copy % 10 === 1) tell(`${copy - 1} copies to go`)
    }
  }
  await Promise.all(sessions.map(work))
  await first.query(`drop schema ${SCHEMA} cascade`)
  // Purchases of years ago have been vacuumed, and the server knows how many there are.
  for (const { table } of templates) await first.query(`vacuum (analyze) ${table}`)
  await first.query('checkpoint')
  return made * (copies + 1)
}

const SCHEMA = 'bench_seed'

const stays = ({ table, inserts, deletes }: Writes): boolean => inserts - deletes >= 0.01 && !table.startsWith('log.')

/** Rows of a table as text, in which ids can be replaced wherever they stand. */
type Template = { readonly table: string; readonly rows: string; readonly columns: readonly string[] }

const keepTemplate = async (session: Session, name: string, slots: readonly number[]): Promise<Template> => {
  const [table, rows] = [quoted(name), `${SCHEMA}."${name}"`]
  const columns = await session.query<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
      order by attnum`,
    [table],
  )
  const named = slots.map(digitsOf).join('|')
  await session.query(
    `create unlogged table ${rows} as select line from (select t::text as line from ${table} t) all_rows where line ~ '${named}'`,
  )
  await session.query(`analyze ${rows}`)
  return { table, rows, columns: columns.map((column) => column.name) }
}

const insertOf = ({ table, rows, columns }: Template, slots: readonly number[], copy: number): string => {
  const line = slots.reduce(
    (text, slot) => `replace(${text}, '${digitsOf(slot)}', '${digitsOf(slot - copy * slots.length)}')`,
    'line',
  )
  // `offset 0`: or the line would be read anew for every column.
  return `insert into ${table} (${columns.join(', ')})
          select ${columns.map((column) => `(r).${column}`).join(', ')} from (select (${line})::${table} as r from ${rows} offset 0) copied`
}

const digitsOf = (slot: number): string => `${slot.toString(16).padStart(8, '0')}-`
