import type { Position } from '../log.ts'

/** By database: the highest epoch that its relay has written under. What comes under a lower one is a belated repeat. */
export type Epochs = ReadonlyMap<string, bigint>

/** The next offset to read, the id of the topic that it is one of (one that was made anew has another), and what went before. */
export type Place = { readonly offset: bigint; readonly topicId: string; readonly epochs: Epochs }

/** `<offset>@<topic's id>`, and after it `;<database>=<epoch>` for each. */
export const positionOf = ({ offset, topicId, epochs }: Place): Position =>
  [`${offset}@${topicId}`, ...[...epochs].map(([database, epoch]) => `${database}=${epoch}`)].join(';')

/** Undefined for a position of another log, and for that of a group which has read nothing yet. */
export const placeAt = (position: Position): Place | undefined => {
  const [first = '', ...rest] = position.split(';')
  const [, offset, topicId] = /^(\d+)@([0-9a-f-]{36})$/.exec(first) ?? []
  if (offset === undefined || topicId === undefined) return undefined
  const epochs = rest
    .map((text) => text.split('='))
    .map(([database = '', epoch = '0']) => [database, BigInt(epoch)] as const)
  return { offset: BigInt(offset), topicId, epochs: new Map(epochs) }
}

export const NO_EPOCHS: Epochs = new Map()

/** Who has written a record, as its header says: `<database>:<epoch>`. */
export type Writer = { readonly database: string; readonly epoch: bigint }

export const writerText = ({ database, epoch }: Writer): string => `${database}:${epoch}`

export const writerOf = (text: string | undefined): Writer | undefined => {
  const [, database, epoch] = /^([\w-]+):(\d+)$/.exec(text ?? '') ?? []
  return database === undefined || epoch === undefined ? undefined : { database, epoch: BigInt(epoch) }
}

/** What was known, and this as well; undefined when the writer has been superseded. */
export const withWriter = (known: Epochs, writer: Writer | undefined): Epochs | undefined => {
  if (writer === undefined) return known
  const highest = known.get(writer.database)
  if (highest === writer.epoch) return known
  return highest !== undefined && highest > writer.epoch
    ? undefined
    : new Map([...known, [writer.database, writer.epoch]])
}
