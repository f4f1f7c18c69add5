import type { Pool } from './pool.ts'

type Taking = Pick<Pool, 'take' | 'stats'>

/** How long work waits until some of its own has ended, in ms. */
const TIMEOUT = 10_000

/** The same pool for one who may have at most so many of its connections at once: beyond that its own work waits, and no other's. */
export const limited = (pool: Taking, most: number): Taking => {
  let taken = 0
  let waits = 0
  const waiting = new Set<() => void>()
  const giveBack = (): void => {
    taken--
    const [first] = waiting
    first?.()
  }
  const turn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      waits++
      const late = setTimeout(() => {
        waiting.delete(begin)
        reject(Object.assign(new Error(`all ${most} connections were busy for ${TIMEOUT} ms`), { code: 'ETIMEDOUT' }))
      }, TIMEOUT)
      const begin = (): void => {
        waiting.delete(begin)
        clearTimeout(late)
        taken++
        resolve()
      }
      waiting.add(begin)
    })
  return {
    take: async () => {
      if (taken < most) taken++
      else await turn()
      try {
        const { connection, release } = await pool.take()
        return {
          connection,
          release: (broken) => {
            release(broken)
            giveBack()
          },
        }
      } catch (error) {
        giveBack()
        throw error
      }
    },
    stats: () => {
      const stats = pool.stats()
      return { ...stats, waits: waits + stats.waits, waiting: waiting.size + stats.waiting }
    },
  }
}
