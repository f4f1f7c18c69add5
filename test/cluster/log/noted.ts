import { event, type DataOf } from '@kit/message/message'
import { onBatch, type Consumer } from '@kit/messaging/consumer'
import { sql } from '@kit/postgres/statement'
import { setTimeout as pause } from 'node:timers/promises'
import Type from 'typebox'

/** The n-th message of its key, counted from 1; each scene has a topic of its own. */
export const notedIn = (scene: string) =>
  event(
    `${scene}.noted.v1`,
    'key',
    Type.Object({ key: Type.String(), n: Type.Integer(), poison: Type.Optional(Type.Boolean()) }),
  )

type NotedType = ReturnType<typeof notedIn>
export type Noted = DataOf<NotedType>

/** What makes a handler fail until it is mended. */
export type Fault = 'mistake' | 'poison'

const selectFaults = sql<{ kind: Fault }>(import.meta.url, 'select-faults.sql')
const insertSeen = sql(import.meta.url, 'insert-seen.sql')

export type Seeing = {
  readonly group: string
  readonly member: string
  /** Ms that every batch takes. */
  readonly takes: number
  readonly failed: () => void
}

/** Writes down what it is given, by one statement, once whatever was broken is mended. */
export const writeSeen = (noted: NotedType, { group, member, takes, failed }: Seeing): Consumer =>
  onBatch(noted, async (notes, tx) => {
    const faults = (await tx.query(selectFaults)).map(({ kind }) => kind)
    if (faults.includes('mistake')) {
      failed()
      // As a programmer's mistake would.
      Object(undefined).nothing.here()
    }
    if (faults.includes('poison') && notes.some(({ poison }) => poison)) throw new Error('this one is poison')
    if (takes > 0) await pause(takes)
    await tx.query(insertSeen, [group, member, notes.map(({ key }) => key), notes.map(({ n }) => n)])
    return []
  })
