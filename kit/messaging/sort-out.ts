import type { AnyMessageType } from '@kit/message/message'
import { reasonOf } from './reason.ts'
import type { Letter, Received } from './stages.ts'

/** What became of a letter that was not handled. */
export type Fate = { readonly state: 'parked' | 'behind'; readonly reason: string }

export const BEHIND: Fate = { state: 'behind', reason: 'waits for an earlier message of its key' }

/** Letters that can be handled, those whose fate is clear already, and those that are none of the group's business. */
export type Sorted = {
  readonly open: readonly Received[]
  readonly fates: ReadonlyMap<Letter, Fate>
  readonly foreign: readonly Letter[]
}

/**
 * Looks at letters in their order: what does not match its schema is parked, and what comes after a parked message of its
 * key waits behind it. `parked` are the keys that wait already, as `<topic>/<key>`.
 */
export const sortOut = (
  letters: readonly Letter[],
  parked: ReadonlySet<string>,
  typeOf: (type: string) => AnyMessageType | undefined,
): Sorted => {
  const stopped = new Set(parked)
  const open: Received[] = []
  const fates = new Map<Letter, Fate>()
  const foreign: Letter[] = []
  for (const letter of letters) {
    const type = typeOf(letter.envelope.type)
    const key = `${letter.topic}/${letter.envelope.partitionkey}`
    if (type === undefined) foreign.push(letter)
    else if (stopped.has(key)) fates.set(letter, BEHIND)
    else {
      try {
        open.push({ letter, message: type.parse(letter.envelope.data) })
      } catch (error) {
        fates.set(letter, { state: 'parked', reason: reasonOf(error) })
        stopped.add(key)
      }
    }
  }
  return { open, fates, foreign }
}
