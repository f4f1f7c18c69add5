import { event, type DataOf } from '@kit/message/message'
import { onBatch, type Consumer } from '@kit/messaging/consumer'
import { sql } from '@kit/postgres/statement'
import { setTimeout as pause } from 'node:timers/promises'
import Type from 'typebox'

const content = Type.Object({ key: Type.String(), n: Type.Integer(), poison: Type.Optional(Type.Boolean()) })

/** The n-th message of its key, counted from 1; each scene has a topic of its own. */
export const notedIn = (scene: string) => event(`${scene}.noted.v1`, 'key', content)

/** The same as the group between hands it on. */
export const passedIn = (scene: string) => event(`${betweenIn(scene)}.passed.v1`, 'key', content)

/** The group that hands on what is sent, where the scene has one. */
export const betweenIn = (scene: string): string => `${scene}between`

type NotedType = ReturnType<typeof notedIn | typeof passedIn>
export type Noted = DataOf<ReturnType<typeof notedIn>>

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

/** Hands on what it reads, as it came. */
export const passOn = (scene: string): Consumer => onBatch(notedIn(scene), async (notes) => notes.map(passedIn(scene)))
