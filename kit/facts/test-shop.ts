import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { testServer } from '@kit/embedded-postgres/test-server'
import { openLonePostgresLog } from '@kit/log/postgres/open'
import { event } from '@kit/message/message'
import { onBatch } from '@kit/messaging/consumer'
import { scratchDatabase } from '@kit/migrations/template'
import { fixedPlatform } from '@kit/platform/fixed'
import { openSharedDatabase } from '@kit/postgres/database'
import type { Tx } from '@kit/postgres/queryable'
import type { Statement } from '@kit/postgres/statement'
import { openService, type OpenService } from '@kit/service/open-service'
import { schemasOf } from '@kit/service/schemas'
import { defineService } from '@kit/service/service'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import Type from 'typebox'
import { AskAgain } from './ask-again.ts'
import { pageOf, type FactsProjection } from './facts.ts'
import { Teller } from './teller.ts'

type Thing = { readonly id: string; readonly name: string }

const inline = <Row = never>(text: string): Statement<Row> => ({ name: text.slice(0, 60), text })
const insert = inline('insert into thing (id, name) select * from unnest($1::uuid[], $2::text[])')
const upsert = inline(
  'insert into thing select * from unnest($1::uuid[], $2::text[]) on conflict (id) do update set name = excluded.name',
)
const rename = inline('update thing set name = $2 where id = $1')
const selectNames = inline<Thing>('select id, name from thing order by id')
const selectPage = inline<Thing>(
  `select id, name from thing where id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') order by id limit $2
    for share`,
)
const forget = inline('delete from thing')
const turnSegments = inline<{ emptied: number[] }>(`select log.turn_segments('0 s') as emptied`)

const ThingChanged = event('owner.thing-changed.v1', 'id', Type.Object({ id: Type.String(), name: Type.String() }))
const migrations = [new URL('./test-migrations/', import.meta.url)]
const nothing = { config: Type.Object({}), problems: {}, migrations }

const things: FactsProjection = {
  name: 'things',
  what: 'names of things',
  from: [ThingChanged],
  clear: (tx) => void tx.query(forget),
}

/**
 * An owner of things, and two services that keep their names: one that is told, and one that was there from the
 * beginning.
 */
export type Shop = AsyncDisposable & {
  readonly owner: OpenService
  readonly late: OpenService
  readonly early: OpenService
  readonly projection: FactsProjection
  /** Called by the owner, in the transaction of a page that it has read and not yet written. */
  midPage: () => Promise<void>
  readonly add: (...names: readonly string[]) => Promise<readonly string[]>
  /** Changes a thing and tells of it; `before` runs in the same transaction, after the change. */
  readonly rename: (id: string, name: string, before?: () => Promise<void>) => Promise<void>
  readonly namesOf: (service: OpenService) => Promise<readonly string[]>
  /** The log drops all that there is, which the late one has never read. */
  readonly loseTheBeginning: () => Promise<void>
  /** What repeats the questions of the late one. */
  readonly asker: () => AskAgain
  /** Another instance of the owner's teller. */
  readonly teller: (failpoint?: (name: string) => void) => Teller
}

/** `limit`: of the pages of `teller`. */
export const shop = async (limit = 2): Promise<Shop> => {
  const owned = new AsyncDisposableStack()
  const keeps = (name: string) =>
    defineService({
      ...nothing,
      name,
      projections: [things],
      parts: () => ({
        consumers: [
          onBatch(ThingChanged, async (changes, tx) => {
            const latest = [...new Map(changes.map((change) => [change.id, change])).values()]
            await tx.query(upsert, [latest.map(({ id }) => id), latest.map((one) => one.name)])
            return []
          }),
        ],
      }),
    })
  const page = async (tx: Tx, after: string | undefined, most: number) => {
    const rows = await tx.query(selectPage, [after, most])
    await made.midPage()
    return pageOf(rows, most, ({ id }) => id, ThingChanged)
  }
  const facts = [{ name: 'things', types: [ThingChanged], page }]
  const services = [
    defineService({ ...nothing, name: 'owner', facts, parts: () => ({}) }),
    keeps('late'),
    keeps('early'),
  ]
  const database = owned.use(await scratchDatabase({ url: await testServer(), schemas: schemasOf(services) }))
  const telemetry = { log: openLog({ level: 'silent' }), metrics: openMetrics() }
  const log = openLonePostgresLog()
  const rpc = { call: () => Promise.reject(new Error('nobody is called')) }
  const platform = { ...fixedPlatform({ now: new Date() }), newId: randomUUID }
  const shared = owned.use(openSharedDatabase({ url: database.url }))
  const around = { database: shared, platform, telemetry, rpc, log }
  const open = []
  for (const service of services) open.push(owned.use(await openService(service, {}, around)))
  const [owner, late, early] = open as [OpenService, OpenService, OpenService]
  const change = (work: (tx: Tx) => Promise<readonly Thing[]>) =>
    owner.db.transaction(async (tx) => {
      const changed = await work(tx)
      owner.send(tx, changed.map(ThingChanged))
    })
  const made: Shop = {
    owner,
    late,
    early,
    projection: things,
    midPage: async () => undefined,
    add: async (...names) => {
      const made = names.map((name) => ({ id: randomUUID(), name }))
      await change(async (tx) => {
        await tx.query(insert, [made.map(({ id }) => id), names])
        return made
      })
      return made.map(({ id }) => id)
    },
    rename: (id, name, before = async () => undefined) =>
      change(async (tx) => {
        await tx.query(rename, [id, name])
        await before()
        return [{ id, name }]
      }),
    namesOf: async ({ db }) => (await db.query(selectNames)).map(({ name }) => name).toSorted(),
    loseTheBeginning: async () => {
      for (const { reader } of [owner, early]) await reader.drain()
      // The first gives the next segment its turn, the second drops what all have read.
      await owner.db.query(turnSegments)
      const [row] = await owner.db.query(turnSegments)
      assert.deepEqual(row?.emptied, [0])
    },
    asker: () =>
      new AskAgain({
        reader: 'late',
        send: late.send,
        platform,
        db: late.db,
        projections: [things],
        log: telemetry.log,
      }),
    teller: (failpoint = () => undefined) =>
      new Teller({
        owner: 'owner',
        facts,
        db: owner.db,
        send: owner.send,
        log,
        platform: { ...platform, failpoint },
        telemetry,
        limit,
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  return made
}
