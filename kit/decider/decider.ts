/**
 * The rules of one thing as pure functions: what a command leads to in a state, and what an event makes of a state.
 * No I/O, no clock, no chance, no ids made inside: whatever is needed comes in with the command.
 */
export type Decider<Command, Event, State, Refusal extends Refused = never> = {
  /** The state before the first event. */
  readonly initial: State
  /** The events that the command leads to, none when it changes nothing, or why it is refused. */
  readonly decide: (command: Command, state: State) => readonly Event[] | Refusal
  readonly evolve: (state: State, event: Event) => State
}

/** An expected bad outcome, as data. */
export type Refused = { readonly refused: string }

/** The state after these events, oldest first. */
export const replay = <Event, State>(
  { initial, evolve }: Pick<Decider<never, Event, State>, 'initial' | 'evolve'>,
  events: readonly NoInfer<Event>[],
): State => events.reduce(evolve, initial)

export const isRefused = <Refusal extends Refused>(outcome: readonly unknown[] | Refusal): outcome is Refusal =>
  !Array.isArray(outcome)
