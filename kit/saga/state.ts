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

const CODES: Readonly<Record<What, string>> = {
  asked: 'a',
  done: 'd',
  refused: 'r',
  resting: 'w',
  'called-off': 'c',
  'timed-out': 't',
  'undo-asked': 'u',
  undone: 'v',
  ignored: 'i',
  retried: 'y',
  ended: 'e',
}
const WHATS: ReadonlyMap<string, What> = new Map(Object.keys(CODES).map((what) => [CODES[what as What], what as What]))

/**
 * One entry as it is stored: the lines that were written together. Appended by SQL, never loaded to be written. A number is
 * the ms since the line before, the first since 1970; a string is a line: the letter for what has happened, the step
 * unless it is that of the line before, and the detail behind a tab. `history_of` in the database reads it as well.
 */
export const entryOf = (lines: readonly Line[]): string => {
  let before = { at: 0, step: '' }
  const parts = lines.flatMap(([at, what, step, detail]) => {
    const line = `${CODES[what]}${step === before.step ? '' : ` ${step}`}${detail === undefined ? '' : `\t${detail}`}`
    const later = at - before.at
    before = { at, step }
    return later === 0 ? [line] : [later, line]
  })
  return JSON.stringify(parts)
}

type Entry = readonly Line[] | readonly (number | string)[]

/** Reads stored entries, one per line of text, in short or spelled out; `after` skips history lines up to that number. */
export const readHistory = (text: string, after = 0): readonly HistoryLine[] =>
  text
    .split('\n')
    .slice(0, -1)
    .flatMap((entry) => linesOf(JSON.parse(entry)))
    .map(([at, what, step, detail], i) => ({ n: i + 1, at: new Date(at), what, step, detail }))
    .slice(after)

const linesOf = (entry: Entry): readonly Line[] => {
  const lines: Line[] = []
  let [at, step] = [0, '']
  for (const part of entry) {
    if (typeof part === 'number') at += part
    else if (typeof part === 'string') {
      const [head = '', ...detail] = part.split('\t')
      const code = head.slice(0, 1)
      // What only a later release writes is told by its letter.
      const what = WHATS.get(code) ?? (code as What)
      if (head.length > 1) step = head.slice(2)
      lines.push(detail.length === 0 ? [at, what, step] : [at, what, step, detail.join('\t')])
    } else lines.push(part)
  }
  return lines
}
