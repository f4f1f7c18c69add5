import type { Message } from '@kit/message/message'
import { Loop } from '@kit/pace/loop'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import type { Logger } from '@kit/telemetry/telemetry'
import { defaultPatience } from '../saga.ts'
import type { Saga } from '../saga.ts'
import type { Changes } from './changes.ts'
import type { SagaMemory } from './memory.ts'
import { UnitOfWork } from './unit-of-work.ts'

const EVERY = 1_000
const BATCH = 500

type Sweeping = {
  readonly saga: Saga
  readonly changes: Changes
  readonly memory: SagaMemory
  readonly platform: Platform
  /** One transaction for the sagas and what they send. */
  readonly transact: (
    request: { readonly cause: object },
    work: (tx: Tx) => Promise<{ readonly answer: number; readonly send: readonly Message[] }>,
  ) => Promise<number>
}

/**
 * Tells sagas whose deadline has passed, by the database's clock, that it has: they ask again. Those that this release
 * cannot finish are left alone. Returns how many were due.
 */
export const sweepDeadlines = ({ saga, changes, memory, platform, transact }: Sweeping): Promise<number> =>
  transact({ cause: {} }, async (tx) => {
    const unit = UnitOfWork.of(tx, saga, memory)
    const due = await unit.loadDue(shortestOf(saga), BATCH)
    const now = platform.clock.now()
    const send = due.flatMap(({ id, retry }) => unit.move(id, retry ? 'retry' : 'timeout', now))
    unit.save()
    changes.signalAfter(
      tx,
      due.map(({ id }) => id),
    )
    return { answer: due.length, send }
  })

/** Sweeps every second. Several processes may: a saga is moved once. */
export const watchDeadlines = (sweeping: Sweeping, log: Logger): AsyncDisposable => {
  const loop = new Loop(
    async () => ((await sweepDeadlines(sweeping)) === BATCH ? 'handled' : 'idle'),
    log.child({ sweep: sweeping.saga.name }),
    undefined,
    { poll: EVERY },
  )
  loop.start()
  return loop
}

const shortestOf = ({ steps }: Saga): number => Math.min(...steps.map(({ patience }) => patience ?? defaultPatience))
