import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { openForeignTransaction, type ForeignTransaction } from '../../faults/foreign-transaction.ts'
import type { Disturbance, World } from '../world.ts'

/** A transaction of somebody else's stays open, opened again when the server is killed under it. */
export const foreignTransaction: Disturbance = {
  lasts: [20_000, 40_000],
  beside: true,
  begin: async (world) => {
    const first = await openForeignTransaction(world.database.url)
    const stopping = new AbortController()
    const holding = hold(world, first, stopping.signal)
    return {
      [Symbol.asyncDispose]: async () => {
        stopping.abort()
        await holding
      },
    }
  },
}

const hold = async ({ database }: World, first: ForeignTransaction, signal: AbortSignal): Promise<void> => {
  const stopped = once(signal, 'abort')
  let transaction: ForeignTransaction | undefined = first
  while (!signal.aborted) {
    await Promise.race([transaction?.lost ?? sleep(200), stopped])
    await transaction?.[Symbol.asyncDispose]()
    transaction = signal.aborted ? undefined : await openForeignTransaction(database.url).catch(() => undefined)
  }
  await transaction?.[Symbol.asyncDispose]()
}
