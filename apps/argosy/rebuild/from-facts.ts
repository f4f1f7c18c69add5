import { setTimeout as sleep } from 'node:timers/promises'
import { isServiceName } from '@argosy/contracts/services'
import { askedFor, beginAnew } from '@kit/facts/ask'
import { ownerOf, type FactsProjection } from '@kit/facts/facts'
import { tellingOf } from '@kit/facts/teller'
import { systemPlatform } from '@kit/platform/system'
import { enqueuer } from '@kit/jobs/enqueue'
import { openTransact } from '@kit/messaging/transact'
import type { Service } from '@kit/service/service'
import { exitCode, Stop } from '../command-line/exit-code.ts'
import type { Tables } from '../open-tables.ts'

/** A projection of what others own, and the service that keeps it. */
export type Kept = { readonly keeper: Service; readonly projection: FactsProjection }

export type Following = {
  readonly tables: Tables
  readonly signal: AbortSignal
  readonly progress: (told: number) => void
}

/** How often it is looked how far it is, and how long nothing may have moved, in ms. */
const LOOK = 250
const PATIENCE = 30_000

/**
 * Empties a projection, has the owners of its facts tell them anew, and waits until the running shop has read them.
 * Resolves to how many there were. Throws a Stop when nothing moves; what was asked for stays asked for.
 */
export const rebuildFromFacts = async ({ keeper, projection }: Kept, following: Following): Promise<number> => {
  const { tables, signal, progress } = following
  const db = tables.of(ownName(keeper.name))
  const platform = systemPlatform()
  const { send } = openTransact({ db, log: tables.partitioning, platform, enqueue: enqueuer(platform) })
  await db.transaction(async (tx) => beginAnew(tx, { reader: keeper.name, send, platform }, projection))
  let seen = ''
  for (let moved = performance.now(); ;) {
    const { told, read, stand } = await look(tables, keeper, projection)
    if (read) return told
    if (stand !== seen) moved = performance.now()
    seen = stand
    progress(told)
    if (signal.aborted) throw new Stop(`the shop goes on with it`, { exitCode: exitCode.interrupted })
    if (performance.now() - moved > PATIENCE) throw standsStill(projection, told)
    await sleep(LOOK, undefined, { signal }).catch(() => undefined)
  }
}

const look = async (tables: Tables, keeper: Service, { name, from }: FactsProjection) => {
  const owners = new Set(from.map(ownerOf))
  const asked = (await askedFor(tables.of(ownName(keeper.name)), name)).filter(({ owner }) => owners.has(owner))
  const tellings = await Promise.all(asked.map(({ owner, id }) => tellingOf(tables.of(ownName(owner)), id)))
  return {
    told: tellings.reduce((sum, telling) => sum + (telling?.told ?? 0), 0),
    read: asked.every(({ read_at }) => read_at !== null),
    stand: JSON.stringify([asked, tellings]),
  }
}

const ownName = (name: string) => {
  if (isServiceName(name)) return name
  throw new Error(`${name} is no service of the shop`)
}

const standsStill = ({ name }: FactsProjection, told: number): Stop =>
  new Stop(
    `${name} was emptied and asked for, ${told} facts were told, and for ${PATIENCE / 1000} s nothing has moved`,
    {
      fix: 'start the shop, which goes on with it; if it runs: argosy dead-letters ls, and its log',
      exitCode: exitCode.timeout,
    },
  )
