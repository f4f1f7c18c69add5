import { setTimeout as sleep } from 'node:timers/promises'
import { openClient } from '@kit/postgres/connection/client'

/** What changes by itself, whoever asks: how the shop's own work goes on. */
const OWN_ACCORD = new Set(['purchase.pace'])

/** Every table of every service, as a number of rows and a digest of all that is in them. */
export const allTables = async (url: string): Promise<ReadonlyMap<string, string>> => {
  await using client = await openClient({ url, name: 'table check' })
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  )
  const tables = new Map<string, string>()
  for (const { name } of rows) {
    if (OWN_ACCORD.has(name)) continue
    const found = await client.query<{ told: string }>(
      `select count(*) || ' rows, ' || md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) as told from ${name} t`,
    )
    tables.set(name, found.rows[0]?.told ?? '')
  }
  return tables
}

/** Ms that nothing changes for before it counts as rest, and after which there must have been rest. */
const STILL = 1_500
const PATIENCE = 60_000

/** The tables once what was set off has come to rest. */
export const restingTables = async (databaseUrl: string): Promise<ReadonlyMap<string, string>> => {
  let last = await allTables(databaseUrl)
  for (const until = performance.now() + PATIENCE; ;) {
    await sleep(STILL)
    const now = await allTables(databaseUrl)
    const changes = changesIn(last, now)
    if (changes.length === 0) return now
    if (performance.now() > until) throw new Error(`no rest within ${PATIENCE} ms: ${changes.join('; ')}`)
    last = now
  }
}

/** Tables that are not what they were. */
export const changesIn = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): readonly string[] =>
  [...other]
    .filter(([table, told]) => one.get(table) !== told)
    .map(([table, told]) => `${table}: ${one.get(table)} is now ${told}`)
