import { testServer } from '@kit/embedded-postgres/test-server'
import { command, event } from '@kit/message/message'
import type { Message } from '@kit/message/message'
import { scratchDatabase } from '@kit/migrations/template'
import { fixedPlatform } from '@kit/platform/fixed'
import { openDatabase } from '@kit/postgres/database'
import type { OpenDatabase } from '@kit/postgres/database'
import type { Tx } from '@kit/postgres/queryable'
import Type from 'typebox'
import { Changes } from './running/changes.ts'
import { sagaConsumer } from './running/consumer.ts'
import { sweepDeadlines } from './running/deadlines.ts'
import { SagaMemory } from './running/memory.ts'
import { asks, refusedBy, saga, undoneBy } from './saga.ts'
import type { Saga, Step } from './saga.ts'
import { sagaMigrations } from './migrations.ts'
import { start } from './running/start.ts'

const id = Type.Object({ id: Type.String() })
const Pack = command('trip.pack.v1', 'id', id)
export const Packed = event('trip.packed.v1', 'id', id)
export const Unpackable = event('trip.unpackable.v1', 'id', id)
const Unpack = command('trip.unpack.v1', 'id', id)
const Unpacked = event('trip.unpacked.v1', 'id', id)
const Travel = command('trip.travel.v1', 'id', id)
export const Arrived = event('trip.arrived.v1', 'id', id)
const Lost = event('trip.lost.v1', 'id', id)
const Return = command('trip.return.v1', 'id', id)
const Returned = event('trip.returned.v1', 'id', id)
const Over = event('trip.over.v1', 'id', id)

type Trip = { readonly id: string }
const only = ({ id }: Trip) => ({ id })

export const pack: Step<Trip> = {
  name: 'pack',
  ask: asks(Pack, only),
  done: Packed,
  refused: refusedBy(Unpackable, () => 'too-much'),
  undo: undoneBy(Unpack, only, Unpacked),
}
export const travel: Step<Trip> = {
  name: 'travel',
  ask: asks(Travel, only),
  done: Arrived,
  refused: refusedBy(Lost, () => 'lost'),
  undo: undoneBy(Return, only, Returned),
}

/** A trip, as a release has it. */
export const tripOf = (version: number, finishes: readonly number[] = [], steps = [pack, travel]): Saga<Trip> =>
  saga<Trip>({
    name: 'trip',
    version,
    finishes,
    steps,
    settle: [],
    completed: (trip) => [Over(only(trip))],
    failed: (trip) => [Over(only(trip))],
  })

/** The n-th trip of a test. */
export const tripId = (n: number): string => `01930000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

/** An instance of a service that has this saga. */
export type Instance = {
  readonly changes: Changes
  readonly begin: (...ids: readonly string[]) => Promise<readonly Message[]>
  readonly handle: (...replies: readonly Message[]) => Promise<readonly Message[]>
  /** The same as one call among others in a transaction. */
  readonly beginIn: (tx: Tx, ...ids: readonly string[]) => readonly Message[]
  readonly handleIn: (tx: Tx, ...replies: readonly Message[]) => Promise<readonly Message[]>
  /** Returns how many were due. */
  readonly sweep: () => Promise<number>
}

export type Agency = AsyncDisposable & { readonly db: OpenDatabase; readonly instance: (saga: Saga) => Instance }

/** A service that has nothing but sagas, on a database of its own; its instances may be of different releases. */
export const agency = async (): Promise<Agency> => {
  const owned = new AsyncDisposableStack()
  const schemas = [{ name: 'agency', folders: [sagaMigrations] }]
  const { url } = owned.use(await scratchDatabase({ url: await testServer(), schemas }))
  const db = owned.use(openDatabase({ url, service: 'agency' }))
  const platform = fixedPlatform({ now: new Date() })
  const instance = (of: Saga): Instance => {
    const [changes, memory] = [new Changes(), new SagaMemory()]
    const { handle } = sagaConsumer(of, changes, memory)
    const transact: Parameters<typeof sweepDeadlines>[0]['transact'] = async (_request, work) =>
      (await db.transaction(work)).answer
    const beginIn: Instance['beginIn'] = (tx, ...ids) => {
      const births = ids.map((one) => ({ id: one, data: { id: one } }))
      return start(tx, of, births, platform.clock.now(), memory)
    }
    const handleIn: Instance['handleIn'] = async (tx, ...replies) =>
      (await handle(replies, tx, platform)).filter((one) => one.kind !== 'job')
    return {
      changes,
      beginIn,
      handleIn,
      begin: (...ids) => db.transaction(async (tx) => beginIn(tx, ...ids)),
      handle: (...replies) => db.transaction((tx) => handleIn(tx, ...replies)),
      sweep: () => sweepDeadlines({ saga: of, changes, memory, platform, transact }),
    }
  }
  return { db, instance, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
