import assert from 'node:assert/strict'
import { replay } from './decider.ts'
import type { Decider, Refused } from './decider.ts'

/** A rule as a sentence: `given(order, placed).when(cancel).leadsTo(cancelled)`. */
export type Given<Command, Event, Refusal> = {
  readonly when: (command: Command) => {
    /** The expected events in order, none for "changes nothing", or the expected refusal. */
    readonly leadsTo: (...outcome: readonly Event[] | readonly [Refusal]) => void
  }
}

/** What has happened before, oldest first; none: nothing has. */
export const given = <Command, Event, State, Refusal extends Refused>(
  decider: Decider<Command, Event, State, Refusal>,
  ...events: readonly NoInfer<Event>[]
): Given<Command, Event, Refusal> => ({
  when: (command) => ({
    leadsTo: (...expected) => {
      const outcome = decider.decide(command, replay(decider, events))
      assert.deepEqual(Array.isArray(outcome) ? outcome : [outcome], expected)
    },
  }),
})
