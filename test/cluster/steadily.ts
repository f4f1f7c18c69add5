import { setTimeout as sleep } from 'node:timers/promises'

export type Steady = AsyncDisposable & {
  /** Begins no more; resolves when the last has ended. */
  readonly stop: () => Promise<void>
}

/** Begins `make(0)`, `make(1)` … at a steady pace, whatever becomes of those before. None of them may reject. */
export const beginSteadily = (perSecond: number, make: (n: number) => Promise<void>): Steady => {
  const began = performance.now()
  const underWay = new Set<Promise<void>>()
  const over = new AbortController()
  const begin = async (): Promise<void> => {
    for (let n = 0; !over.signal.aborted; n++) {
      const making = make(n).finally(() => underWay.delete(making))
      underWay.add(making)
      await sleep(Math.max(0, began + ((n + 1) * 1000) / perSecond - performance.now()))
    }
  }
  const running = begin()
  const stop = async (): Promise<void> => {
    over.abort()
    await running
    await Promise.all(underWay)
  }
  return { stop, [Symbol.asyncDispose]: stop }
}
