import { NotBegun } from '@kit/fault/not-begun'

/** How often those are sought who have waited too long, in ms. */
const SWEEP = 100

/** Somebody who waits. */
export type Waiting<Item, Result> = {
  readonly item: Item
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal | undefined
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

type Queue<Item, Result> = {
  readonly size: number
  /** Lets somebody wait for at most `within` ms, or as long as all. Rejects them at once when it is full or they have gone already. */
  readonly add: (waiting: Waiting<Item, Result>, within?: number) => void
  /** The first of those who still wait, up to the limit: from now on their work counts as begun. */
  readonly take: (limit: number) => readonly Waiting<Item, Result>[]
}

/** First come, first served; no more than `most`, none for longer than `patience` ms. */
export const openQueue = <Item, Result>({
  most,
  patience,
}: {
  readonly most: number
  readonly patience: number
}): Queue<Item, Result> => {
  let queue: { readonly waiting: Waiting<Item, Result>; readonly due: number }[] = []
  let sweeping = false

  const sweep = (): void => {
    const now = performance.now()
    queue = queue.filter(({ waiting, due }) => isWanted(waiting) && isInTime(waiting, due, now))
    sweeping = queue.length > 0
    if (sweeping) setTimeout(sweep, SWEEP).unref()
  }
  return {
    get size() {
      return queue.length
    },
    add: (waiting, within = patience) => {
      if (!isWanted(waiting)) return
      if (queue.length >= most) return waiting.reject(new NotBegun(`${most} wait already`))
      queue.push({ waiting, due: performance.now() + within })
      if (sweeping) return
      sweeping = true
      setTimeout(sweep, SWEEP).unref()
    },
    take: (limit) => {
      const now = performance.now()
      const taken: Waiting<Item, Result>[] = []
      let seen = 0
      for (const { waiting, due } of queue) {
        if (taken.length === limit) break
        seen++
        if (isWanted(waiting) && isInTime(waiting, due, now)) taken.push(waiting)
      }
      queue = queue.slice(seen)
      return taken
    },
  }
}

/** Whether somebody still waits for the result; whoever does not is told why it never came. */
export const isWanted = <Item, Result>({ signal, reject }: Waiting<Item, Result>): boolean => {
  if (signal?.aborted !== true) return true
  reject(new NotBegun('nobody waits for it any more', { cause: signal.reason }))
  return false
}

const isInTime = <Item, Result>({ reject }: Waiting<Item, Result>, due: number, now: number): boolean => {
  if (now <= due) return true
  reject(new NotBegun('it has waited too long'))
  return false
}
