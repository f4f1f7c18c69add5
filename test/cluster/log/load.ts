import { sql } from '@kit/postgres/statement'
import type { Hired } from './hired.ts'
import type { Scene } from './scene.ts'

const countSent = sql<{ sent: number }>(import.meta.url, 'count-sent.sql')

/** So many keys that every partition has several, and every batch too. */
export const KEYS: readonly string[] = Array.from({ length: 32 }, (_, n) => `key-${n}`)

/** Ms between two transactions of a writer: a hundred messages a second with eight keys. */
const EVERY = 80

/** A process that goes on writing messages of keys of its own. */
export const writer = (scene: Scene, name: string, failpoints?: string): Promise<Hired> =>
  scene.hire(name, { writes: { keys: KEYS.slice(0, 8).map((key) => `${name}-${key}`), every: EVERY } }, failpoints)

/** Until so many more messages are sent. */
export const sentMore = async (scene: Scene, more: number, patience = 20_000): Promise<void> => {
  const count = async (): Promise<number> => (await scene.db.query(countSent))[0]?.sent ?? 0
  let from: number | undefined
  await scene.until(
    `${more} more are sent`,
    async () => {
      const sent = await count()
      from ??= sent
      return sent >= from + more
    },
    patience,
  )
}

/** Until these members have each handled so many more messages. */
export const handledMore = async (scene: Scene, members: readonly Hired[], more: number): Promise<void> => {
  const { last } = await scene.shares()
  await scene.until(
    `${members.map(({ name }) => name).join(' and ')} handle ${more} messages each`,
    async () => {
      const { of } = await scene.shares(last)
      return members.every(({ name }) => (of.get(name) ?? 0) >= more)
    },
    20_000,
  )
}
