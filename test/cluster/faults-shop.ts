// What tests of faults have in common: a database of their own, one or more instances on it, people and goods.
import { TcpProxy } from '@kit/testing/tcp-proxy'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop, type Person, type Product } from '../fleet/shop.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { howTheyWent, tally, type Accepted, type Went } from './steady-load.ts'
import { eventually } from '../eventually.ts'

export type Ground = {
  readonly databaseUrl: string
  readonly dir: string
  readonly instances: readonly FleetProcess[]
  readonly shops: readonly Shop[]
  /** What is between the first instance and the server. */
  readonly net: TcpProxy
  readonly buyer: Person
  /** So many that two purchases seldom want the same one at a time. */
  readonly products: readonly Product[]
}

export type GroundOptions = {
  readonly database: string
  readonly instances?: number
  readonly env?: Readonly<Record<string, string>>
}

const PRODUCTS = 40

/** An open shop on an empty database of the stock PostgreSQL. */
export const openGround = async (
  { database, instances: count = 1, env = {} }: GroundOptions,
  owned: AsyncDisposableStack,
): Promise<Ground> => {
  const dir = mkdtempSync(join(tmpdir(), 'argosy-faults-'))
  owned.defer(() => rmSync(dir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), database)
  const net = owned.use(await TcpProxy.before(databaseUrl))
  const instances: FleetProcess[] = []
  for (let n = 0; n < count; n++) {
    const dataDir = join(dir, String(n))
    const DATABASE_URL = n === 0 ? net.url : databaseUrl
    const instance = await FleetProcess.start({ dataDir, env: { DATABASE_URL, ...env } })
    owned.defer(() => end(instance))
    instances.push(instance)
  }
  const shops = instances.map(({ url }) => new Shop(url))
  const people = await openGoods(shops[0] ?? new Shop(''))
  return { databaseUrl, dir, instances, shops, net, ...people }
}

/** Somebody who sells, somebody who buys, and what is sold. */
export const openGoods = async (shop: Shop): Promise<{ buyer: Person; products: readonly Product[] }> => {
  const seller = await shop.person('Sam')
  const buyer = await shop.person('Ada')
  const category = await shop.category(seller)
  const products: Product[] = []
  for (let n = 0; n < PRODUCTS; n++) products.push(await shop.product(seller, category, { inventory: 100_000 }))
  return { buyer, products }
}

const ENDS = 15_000

/** As Ctrl-C does, or by force: a test that has failed already must not wait for a shop that hangs. */
const end = async (instance: FleetProcess): Promise<void> => {
  const late = setTimeout(() => void instance.kill(), ENDS)
  await instance[Symbol.asyncDispose]()
  clearTimeout(late)
}

export type Readiness = { readonly status: number; readonly text: string }

/** What `/readyz` says; status 0: nothing within 5 s. */
export const readiness = async (url: string): Promise<Readiness> => {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(5_000) })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    return { status: 0, text: String(error) }
  }
}

export const untilReady = (url: string, patience: number): Promise<void> =>
  eventually('/readyz says ok', async () => (await readiness(url)).status === 200, patience)

/** Transactions of a database per second, over so many ms; what PostgreSQL counts is some seconds late. */
export const commitsPerSecond = async (url: string, ms: number): Promise<number> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const count = async (): Promise<number> =>
      Number(
        (await client.query('select xact_commit as n from pg_stat_database where datname = current_database()')).rows[0]
          ?.n,
      )
    await sleep(2_000)
    const before = await count()
    const began = performance.now()
    await sleep(ms)
    return ((await count()) - before) / ((performance.now() - began) / 1000)
  } finally {
    await client.end()
  }
}

/** Waits until all have ended, and says that each was completed: nobody has cancelled or declined one. */
export const assertAllCompleted = async (
  url: string,
  accepted: readonly Accepted[],
  patience = 45_000,
): Promise<void> => {
  let went: readonly Went[] = []
  await eventually(
    'each purchase has ended',
    async () => {
      went = await howTheyWent(url, accepted)
      return went.every(({ took }) => took !== undefined)
    },
    patience,
  ).catch(() => undefined)
  assert.deepEqual(tally(went), { completed: accepted.length })
}
