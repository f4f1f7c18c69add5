/** How a saga that did not go through ends: somebody said no, or it was called off. */
export type Outcome = 'refused' | 'cancelled'

/** Why a saga is undone: the step that failed, and the reason it gave. */
export type Failure = { readonly outcome: Outcome; readonly step: string; readonly reason: string }

/** Where a saga stands. Small, for it is written at every step. */
export type State =
  | { readonly phase: 'asking'; readonly step: string; readonly attempt: number }
  /** Told to wait, without a deadline: nothing is asked and no sweep looks at it until somebody answers. */
  | { readonly phase: 'resting'; readonly step: string }
  | { readonly phase: 'undoing'; readonly step: string; readonly attempt: number; readonly failure: Failure }
  | { readonly phase: 'settling'; readonly waiting: readonly string[]; readonly attempt: number }
  | { readonly phase: 'completed' }
  | { readonly phase: 'failed'; readonly failure: Failure }

/** One word for lists and filters. */
export type Status = 'asking' | 'resting' | 'undoing' | 'settling' | 'completed' | Outcome

export const statusOf = (state: State): Status => (state.phase === 'failed' ? state.failure.outcome : state.phase)

export const isEnded = ({ phase }: State): boolean => phase === 'completed' || phase === 'failed'

/** The step that a saga is at, or at which it failed; empty when it has none. */
export const stepOf = (state: State): string => {
  switch (state.phase) {
    case 'asking':
    case 'resting':
    case 'undoing':
      return state.step
    case 'settling':
      return state.waiting[0] ?? ''
    case 'failed':
      return state.failure.step
    case 'completed':
      return ''
  }
}

/** What happened, as the history tells it. `ignored`: a reply that nobody was waiting for, late or twice. */
export type What =
  | 'asked'
  | 'done'
  | 'refused'
  | 'resting'
  | 'called-off'
  | 'timed-out'
  | 'undo-asked'
  | 'undone'
  | 'ignored'
  | 'retried'
  | 'ended'

/** One line of a saga's history: when (ms since 1970), what, at which step, and what else there is to say. */
export type Line = readonly [at: number, what: What, step: string, detail?: string]

/** A line with its number, counted from 1. */
export type HistoryLine = {
  readonly n: number
  readonly at: Date
  readonly what: What
  readonly step: string
  readonly detail: string | undefined
}

/** One entry as it is stored: the lines that were written together. Appended by SQL, never loaded to be written. */
export const entryOf = (lines: readonly Line[]): string => JSON.stringify(lines)

/** Reads stored entries, one per line of text; `after` skips history lines up to that number. */
export const readHistory = (text: string, after = 0): readonly HistoryLine[] =>
  text
    .split('\n')
    .slice(0, -1)
    .flatMap((entry): readonly Line[] => JSON.parse(entry))
    .map(([at, what, step, detail], i) => ({ n: i + 1, at: new Date(at), what, step, detail }))
    .slice(after)
