import { FleetProcess } from '@argosy/test/fleet/fleet-process'
import { Shop } from '@argosy/test/fleet/shop'
import { openBooks, type Books } from '@argosy/test/laws/books'
import { startEmbedded } from '@kit/embedded-postgres/embedded'
import { findPostmaster } from '@kit/embedded-postgres/folder'
import { openSession, type Session } from '@kit/postgres/session'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuSeconds, familyOf, memoryBytes } from './processes.ts'

export type Process = 'fleet' | 'postgres' | 'load'

/** What has been used up so far. */
export type Look = {
  readonly at: number
  /** Processor seconds. */
  readonly cpu: Readonly<Record<Process, number>>
  readonly statements: number
  readonly transactions: number
  /** Batches that the services have read from the log, and the messages in them. */
  readonly batches: number
  readonly messages: number
  /** Connections of the fleet's process to PostgreSQL. */
  readonly connections: number
}

/** A shop of one's own that runs as its users run it, seen from outside. Disposing stops it and its PostgreSQL. */
export type Stand = AsyncDisposable & {
  readonly scratch: string
  readonly fleet: FleetProcess
  readonly shop: Shop
  readonly books: Books
  /** The database, as its owner. */
  readonly url: string
  /** Megabytes before any work. */
  readonly idle: { readonly fleet: number; readonly postgres: number }
  /** Given the processor seconds of the load generator. */
  readonly look: (load: number) => Promise<Look>
}

export const openStand = async (scratch: string): Promise<Stand> => {
  await using opened = new AsyncDisposableStack()
  const fleet = opened.use(await FleetProcess.start({ dataDir: scratch }))
  // Joins the server that the fleet has started: the address is wanted, and that it outlives the fleet.
  const { url } = opened.use(await startEmbedded({ dir: join(scratch, 'pg') }))
  const books = opened.use(await openBooks(url))
  const session = opened.use(await openBench(url))
  const postmaster = findPostmaster(join(scratch, 'pg'))?.pid
  if (postmaster === undefined) throw new Error(`no PostgreSQL runs in ${scratch}`)
  const idle = { fleet: megabytes([fleet.pid]), postgres: megabytes(familyOf(postmaster)) }
  const owned = opened.move()
  return {
    scratch,
    fleet,
    shop: new Shop(fleet.url),
    books,
    url,
    idle,
    look: async (load) => {
      const at = Date.now()
      const cpu = { fleet: cpuSeconds(fleet.pid), postgres: sum(familyOf(postmaster).map(cpuSeconds)), load }
      const metrics = await (await fetch(`${fleet.url}/metrics`)).text()
      return {
        at,
        cpu,
        statements: total(metrics, 'argosy_database_statements_total'),
        transactions: await books.transactions(),
        batches: total(metrics, 'argosy_reader_batch_messages_count'),
        messages: total(metrics, 'argosy_reader_batch_messages_sum'),
        connections: await connectionsOf(session),
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const NAME = 'argosy bench'

/** A session of the bench's own, which does not count as one of the shop's. */
export const openBench = (url: string): Promise<Session> => openSession(url, { name: NAME, patience: 600_000 })

/** By the server's list, without the bench's own: its sessions, the law checker's, and the one that keeps the server for it. */
const connectionsOf = async (session: Session): Promise<number> => {
  const [row] = await session.query<{ n: number }>(
    `select count(*)::int - 1 as n from pg_stat_activity
      where backend_type = 'client backend' and application_name not in ('law checker', $1)`,
    [NAME],
  )
  return row?.n ?? Number.NaN
}

/** A folder that is gone afterwards. */
export const scratchFolder = (): Disposable & { readonly path: string } => {
  const path = mkdtempSync(join(tmpdir(), 'argosy-bench-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Milliseconds from the command to ready on a folder where a shop has run before. */
export const warmStart = async (scratch: string): Promise<number> => {
  await using fleet = await FleetProcess.start({ dataDir: scratch })
  return fleet.readyAfter
}

/** A figure of the fleet, over all its labels. */
const total = (metrics: string, name: string): number =>
  sum([...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value)))

const megabytes = (pids: readonly number[]): number => Math.round(memoryBytes(pids) / 1e6)
const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0)
