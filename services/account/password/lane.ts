/** Lets only so many in at once, and only so many wait. */
export type Lane = {
  /** Runs `work` when it is its turn. Answers `undefined` at once when too many wait, or later when nobody waits for it any more. */
  readonly pass: <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T | undefined>
  /** How many ms somebody would wait who came now. */
  readonly wait: () => number
}

export const openLane = ({ width, queue }: { readonly width: number; readonly queue: number }): Lane => {
  const waiting = new Set<(admitted: boolean) => void>()
  let inside = 0
  let pace = 30

  const turn = (signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const leave = (): void => {
        waiting.delete(enter)
        resolve(false)
      }
      const enter = (admitted: boolean): void => {
        signal.removeEventListener('abort', leave)
        resolve(admitted)
      }
      waiting.add(enter)
      signal.addEventListener('abort', leave, { once: true })
    })

  const admitNext = (): void => {
    const [next] = waiting
    if (next === undefined) {
      inside--
    } else {
      // The place is handed over, so nobody who comes in between can take it.
      waiting.delete(next)
      next(true)
    }
  }

  return {
    wait: () => (waiting.size / width) * pace,
    pass: async (work, signal) => {
      if (signal.aborted) return undefined
      if (inside < width) inside++
      else if (waiting.size >= queue || !(await turn(signal))) return undefined
      const start = performance.now()
      try {
        return await work()
      } finally {
        pace += (performance.now() - start - pace) / 8
        admitNext()
      }
    },
  }
}
