import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { openBooks } from '../laws/books.ts'
import type { Door } from './door.ts'
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
    isReady ||= await answersReady(door)
    if (isReady && (await progressOf(database.url)) > before) return undefined
    await sleep(200)
  }
  return isReady ? `no purchase ends within ${WITHIN} ms` : `the shop is not ready within ${WITHIN} ms`
}

const ANSWERS = 3_000

const answersReady = async ({ shop }: Door): Promise<boolean> => {
  const late = AbortSignal.timeout(ANSWERS)
  // While it is down there is none to ask.
  const open = await Promise.race([shop(), once(late, 'abort').then(() => undefined)])
  if (open === undefined) return false
  try {
    return (await fetch(new URL('/readyz', open.url), { signal: late })).status === 200
  } catch {
    return false
  }
}
