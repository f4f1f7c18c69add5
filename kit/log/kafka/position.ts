import type { Position } from '../log.ts'

/** The next offset to read, and the id of the topic that it is one of: a topic that was made anew has another one. */
export type Place = { readonly offset: bigint; readonly topicId: string }

export const positionOf = ({ offset, topicId }: Place): Position => `${offset}@${topicId}`

/** Undefined for a position of another log, and for that of a group which has read nothing yet. */
export const placeAt = (position: Position): Place | undefined => {
  const [, offset, topicId] = /^(\d+)@([0-9a-f-]{36})$/.exec(position) ?? []
  return offset === undefined || topicId === undefined ? undefined : { offset: BigInt(offset), topicId }
}
