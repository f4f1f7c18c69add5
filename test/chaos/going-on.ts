import { setTimeout as sleep } from 'node:timers/promises'
import { openBooks } from '../laws/books.ts'
import type { World } from './world.ts'

/** Ms after a fault in which the shop is ready again and purchases end. */
const WITHIN = 15_000

/** How many purchases have ended, or rest. */
export const progressOf = async (url: string): Promise<number> => {
  await using books = await openBooks(url)
  return await books.ended()
}

/** Waits until the shop is ready and more purchases have ended than before. Says what is missing when the time is over. */
export const isGoingOn = async ({ door, database }: World, before: number): Promise<string | undefined> => {
  const began = performance.now()
  let isReady = false
  while (performance.now() - began < WITHIN) {
    isReady ||= await answersReady((await door.shop()).url)
    if (isReady && (await progressOf(database.url)) > before) return undefined
    await sleep(200)
  }
  return isReady ? `no purchase ends within ${WITHIN} ms` : `the shop is not ready within ${WITHIN} ms`
}

const answersReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(3_000) })).status === 200
  } catch {
    return false
  }
}
