import { KeptBack } from '@kit/message/kept-back'
import type { Message } from '@kit/message/message'
import { defaultPatience } from './saga.ts'
import type { Saga, Step, Undo } from './saga.ts'
import type { Failure, Line, Outcome, State } from './state.ts'

/** `timeout`: the deadline has passed. `retry`: somebody wants it asked again now. */
export type Input = Message | 'timeout' | 'retry'

/** What an input leads to. `wait`: the new deadline in ms from now; absent: the old one stays, or none is needed any more. */
export type Advanced = {
  readonly state: State
  readonly send: readonly Message[]
  readonly history: readonly Line[]
  readonly wait?: number
}

/** The first step of a new saga. */
export const begin = <Data>(saga: Saga<Data>, data: Data, now: Date): Advanced =>
  askFrom(saga, data, 0, now.getTime(), [])

/** The interpreter: pure, and the only code that moves a saga. A reply that nobody waits for changes nothing. */
export const advance = <Data>(saga: Saga<Data>, data: Data, state: State, input: Input, now: Date): Advanced => {
  const at = now.getTime()
  switch (state.phase) {
    case 'asking':
      return whileAsking(saga, data, state, input, at)
    case 'resting':
      return whileResting(saga, data, state, input, at)
    case 'undoing':
      return whileUndoing(saga, data, state, input, at)
    case 'settling':
      return whileSettling(saga, data, state, input, at)
    case 'completed':
    case 'failed':
      return ignored(state, input, '', at)
  }
}

type In<Phase extends State['phase']> = Extract<State, { phase: Phase }>

const whileAsking = <Data>(saga: Saga<Data>, data: Data, state: In<'asking'>, input: Input, at: number): Advanced => {
  const { index, step } = stepNamed(saga, state.step)
  if (input === 'retry') return askAgain(step, data, state.attempt, [[at, 'retried', step.name]], at)
  // Silence says nothing of the step: what carries questions and answers may stand still, and goes on.
  if (input === 'timeout') return askAgain(step, data, state.attempt + 1, [[at, 'timed-out', step.name]], at)
  if (input.type === step.done.type) return askFrom(saga, data, index + 1, at, [[at, 'done', step.name]])
  const failure = refusal(step, input)
  if (failure !== undefined) {
    // Asked more than once, so an earlier ask may have been carried out all the same: undo this step too.
    const last = state.attempt > 1 ? index : index - 1
    return undoFrom(saga, data, last, failure, at, [[at, 'refused', step.name, failure.reason]])
  }
  if (input.type === step.pending?.type)
    return { state: { phase: 'resting', step: step.name }, send: [], history: [[at, 'resting', step.name]] }
  return calledOff(saga, data, index, input, at) ?? ignored(state, input, step.name, at)
}

const whileResting = <Data>(saga: Saga<Data>, data: Data, state: In<'resting'>, input: Input, at: number): Advanced => {
  const { index, step } = stepNamed(saga, state.step)
  if (typeof input === 'string') return ignored(state, input, step.name, at)
  if (input.type === step.done.type) return askFrom(saga, data, index + 1, at, [[at, 'done', step.name]])
  const failure = refusal(step, input)
  if (failure !== undefined)
    return undoFrom(saga, data, index, failure, at, [[at, 'refused', step.name, failure.reason]])
  return calledOff(saga, data, index, input, at) ?? ignored(state, input, step.name, at)
}

/** Why the step was refused, if that is what the message says. */
const refusal = <Data>({ name, refused }: Step<Data>, input: Message): Failure | undefined =>
  input.type === refused.type.type && refused.when(input.data)
    ? { outcome: refused.outcome, step: name, reason: refused.reason(input.data) }
    : undefined

/** Undoes this step too: it has been asked, and may still be carried out. */
const calledOff = <Data>(
  saga: Saga<Data>,
  data: Data,
  index: number,
  input: Message,
  at: number,
): Advanced | undefined => {
  const step = saga.steps[index]
  const by = step?.calledOff?.find(({ type, when }) => type.type === input.type && when(input.data))
  if (step === undefined || by === undefined) return undefined
  const reason = by.reason(input.data)
  const failure: Failure = { outcome: by.outcome, step: step.name, reason }
  return undoFrom(saga, data, index, failure, at, [[at, 'called-off', step.name, reason]])
}

const whileUndoing = <Data>(saga: Saga<Data>, data: Data, state: In<'undoing'>, input: Input, at: number): Advanced => {
  const { index, step } = stepNamed(saga, state.step)
  const { undo } = step
  if ('coveredBy' in undo) throw new Error(`saga ${saga.name}: "${step.name}" is undone by "${undo.coveredBy}"`)
  if (input === 'retry' || input === 'timeout') {
    const line: Line = [at, input === 'retry' ? 'retried' : 'timed-out', step.name]
    return askUndo(undo, data, { ...state, attempt: state.attempt + 1 }, [line], at)
  }
  if (input.type !== undo.done.type) return ignored(state, input, step.name, at)
  return undoFrom(saga, data, index - 1, state.failure, at, [[at, 'undone', step.name]])
}

const whileSettling = <Data>(
  saga: Saga<Data>,
  data: Data,
  state: In<'settling'>,
  input: Input,
  at: number,
): Advanced => {
  if (input === 'retry' || input === 'timeout') {
    const line: Line = [at, input === 'retry' ? 'retried' : 'timed-out', state.waiting.join(', ')]
    return settle(saga, data, { ...state, attempt: state.attempt + 1 }, [line], at)
  }
  const settled = saga.settle.find(({ name, done }) => done.type === input.type && state.waiting.includes(name))
  if (settled === undefined) return ignored(state, input, '', at)
  const waiting = state.waiting.filter((name) => name !== settled.name)
  const history: Line[] = [[at, 'done', settled.name]]
  if (waiting.length > 0) return { state: { ...state, waiting }, send: [], history }
  return complete(saga, data, history, at)
}

/** Asks the next step; after the last one there is no way back any more. */
const askFrom = <Data>(saga: Saga<Data>, data: Data, index: number, at: number, history: readonly Line[]): Advanced => {
  const step = saga.steps[index]
  if (step !== undefined) return askAgain(step, data, 1, history, at)
  if (saga.settle.length === 0) return complete(saga, data, history, at)
  return settle(
    saga,
    data,
    { phase: 'settling', waiting: saga.settle.map(({ name }) => name), attempt: 1 },
    history,
    at,
  )
}

const askAgain = <Data>(
  step: Step<Data>,
  data: Data,
  attempt: number,
  history: readonly Line[],
  at: number,
): Advanced => ({
  state: { phase: 'asking', step: step.name, attempt },
  send: [step.ask.of(data, undefined)],
  history: [...history, asked('asked', step.name, attempt, at)],
  wait: growing(step.patience ?? defaultPatience, attempt),
})

/** Undoes this step and those before, one after the other; when none is left the failure is told. */
const undoFrom = <Data>(
  saga: Saga<Data>,
  data: Data,
  index: number,
  failure: Failure,
  at: number,
  history: readonly Line[],
): Advanced => {
  for (let i = index; i >= 0; i--) {
    const step = saga.steps[i]
    if (step === undefined || 'coveredBy' in step.undo) continue
    return askUndo(step.undo, data, { phase: 'undoing', step: step.name, attempt: 1, failure }, history, at)
  }
  return end({ phase: 'failed', failure }, saga.failed(data, failure), history, failure.step, failure.outcome, at)
}

const askUndo = <Data>(
  undo: Undo<Data>,
  data: Data,
  state: In<'undoing'>,
  history: readonly Line[],
  at: number,
): Advanced => ({
  state,
  send: [undo.ask.of(data, state.failure)],
  history: [...history, asked('undo-asked', state.step, state.attempt, at)],
  wait: growing(UNDO_PATIENCE, state.attempt),
})

const settle = <Data>(
  saga: Saga<Data>,
  data: Data,
  state: In<'settling'>,
  history: readonly Line[],
  at: number,
): Advanced => {
  const asking = saga.settle.filter(({ name }) => state.waiting.includes(name))
  return {
    state,
    send: asking.map(({ ask }) => ask.of(data, undefined)),
    history: [...history, ...asking.map(({ name }) => asked('asked', name, state.attempt, at))],
    wait: growing(UNDO_PATIENCE, state.attempt),
  }
}

const complete = <Data>(saga: Saga<Data>, data: Data, history: readonly Line[], at: number): Advanced =>
  end({ phase: 'completed' }, saga.completed(data), history, '', 'completed', at)

const end = (
  state: State,
  send: readonly Message[],
  history: readonly Line[],
  step: string,
  outcome: 'completed' | Outcome,
  at: number,
): Advanced => ({ state, send, history: [...history, [at, 'ended', step, outcome]] })

const ignored = (state: State, input: Input, step: string, at: number): Advanced => ({
  state,
  send: [],
  history: [[at, 'ignored', step, typeof input === 'string' ? input : input.type]],
})

const asked = (what: 'asked' | 'undo-asked', step: string, attempt: number, at: number): Line =>
  attempt === 1 ? [at, what, step] : [at, what, step, `attempt ${attempt}`]

/** The first wait for what must be acknowledged, in ms. */
const UNDO_PATIENCE = 5_000
const LONGEST = 600_000

/** Everything is asked for ever: after the first wait, twice that, four times … and then every ten minutes. */
const growing = (first: number, attempt: number): number => Math.min(LONGEST, first * 2 ** Math.min(attempt - 1, 20))

/** Only asked where `isFinishable` has said yes: this is the last guard. */
const stepNamed = <Data>(saga: Saga<Data>, name: string): { index: number; step: Step<Data> } => {
  const index = saga.steps.findIndex((step) => step.name === name)
  const step = saga.steps[index]
  if (step === undefined)
    throw new KeptBack(`saga ${saga.name} has no step "${name}": another release has to finish it`)
  return { index, step }
}
