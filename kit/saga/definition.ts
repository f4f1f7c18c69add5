import { KeptBack } from '@kit/message/kept-back'
import type { Saga } from './saga.ts'
import { isEnded } from './state.ts'
import type { State } from './state.ts'

type Standing = { readonly id: string; readonly definition: number; readonly state: State }

/**
 * Whether this release can move the saga on: its definition is ours or declared as one that we finish, and where it
 * stands exists in our table. To one that has ended nothing can happen any more.
 */
export const isFinishable = (saga: Saga, { definition, state }: Standing): boolean =>
  isEnded(state) || (saga.definitions.includes(definition) && isKnown(saga, state))

/** What a reply to a saga fails with that this release cannot move on. */
export const keptBack = (saga: Saga, { id, definition, state }: Standing): KeptBack =>
  new KeptBack(
    `the ${saga.name} ${id} was begun by definition ${definition} and is ${state.phase}; this release finishes ` +
      `${saga.definitions.join(', ')} as it knows them: it waits for an instance of the release that began it`,
  )

/** The steps and settlements that a saga can stand at, for statements that leave out all others. */
export const stepNamesOf = ({ steps, settle }: Saga): readonly string[] => [...steps, ...settle].map(({ name }) => name)

const isKnown = ({ steps, settle }: Saga, state: State): boolean => {
  switch (state.phase) {
    case 'asking':
    case 'resting':
      return steps.some(({ name }) => name === state.step)
    case 'undoing':
      return steps.some(({ name, undo }) => name === state.step && !('coveredBy' in undo))
    case 'settling':
      return state.waiting.every((waiting) => settle.some(({ name }) => name === waiting))
    case 'completed':
    case 'failed':
      return true
  }
}
