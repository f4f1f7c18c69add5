import type { AnyMessageType, DataOf, Message } from '@kit/message/message'
import type { Failure, Outcome } from './state.ts'

/** A command and how it is made from what the saga knows. */
export type Ask<Data> = {
  readonly command: AnyMessageType
  readonly of: (data: Data, failure: Failure | undefined) => Message
}

/** The reply that says no. `when` tells refusals of this step from others of the same type. */
export type RefusedBy = {
  readonly type: AnyMessageType
  readonly reason: (data: any) => string
  readonly when: (data: any) => boolean
  /** `cancelled` when the no means that somebody has called the whole thing off. */
  readonly outcome: Outcome
}

/** What takes a step back. It must accept that there is nothing to undo, and leave nothing that could still happen. */
export type Undo<Data> = { readonly ask: Ask<Data>; readonly done: AnyMessageType }

/** The step needs no undo of its own: that of an earlier one takes both back. */
export type CoveredBy = { readonly coveredBy: string }

export type Step<Data> = {
  readonly name: string
  readonly ask: Ask<Data>
  readonly done: AnyMessageType
  readonly refused: RefusedBy
  /** The reply that says: later. The saga then rests, however long, until `done`, `refused` or `calledOff` comes. */
  readonly pending?: AnyMessageType
  /** What may call the whole thing off while the step is asked or rests: the step and those before are undone. */
  readonly calledOff?: readonly RefusedBy[]
  readonly undo: Undo<Data> | CoveredBy
  /**
   * How long to wait for an answer before the step is asked again, in ms; each time twice as long, up to ten minutes.
   */
  readonly patience?: number
}

/** What must happen once there is no way back: asked until it is acknowledged. */
export type Settlement<Data> = { readonly name: string; readonly ask: Ask<Data>; readonly done: AnyMessageType }

/** A process over several services, as a table. */
export type Table<Data> = {
  readonly name: string
  /**
   * Written into every saga that begins. To be raised when a saga under way cannot go on by the new table: a step
   * renamed, taken away, moved, or meant otherwise. What only adds (a way to be called off, a last settlement) needs
   * none.
   */
  readonly version: number
  /** Earlier versions whose sagas this table can finish; those of any other are left to instances that have it. */
  readonly finishes?: readonly number[]
  /** One after the other. Refused: the steps before are undone, last first. No answer: asked again, for ever. */
  readonly steps: readonly Step<Data>[]
  /** All at once, after the last step. */
  readonly settle: readonly Settlement<Data>[]
  /** What is told at the end. */
  readonly completed: (data: Data) => readonly Message[]
  /** Told only after the last undo has been acknowledged. */
  readonly failed: (data: Data, failure: Failure) => readonly Message[]
}

export type Saga<Data = any> = Table<Data> & {
  /** The versions whose sagas it finishes, its own among them. */
  readonly definitions: readonly number[]
  /** All types that it listens to. */
  readonly replies: readonly AnyMessageType[]
  /** All commands that it sends. */
  readonly commands: readonly AnyMessageType[]
}

export const defaultPatience = 10_000

/** `ask: asks(PlaceOrder, ({ purchase_id, lines }) => ({ purchase_id, lines }))` */
export const asks = <Data, T extends AnyMessageType & ((data: never) => Message)>(
  command: T,
  of: (data: Data, failure: Failure | undefined) => DataOf<T>,
): Ask<Data> => ({
  command,
  of: (data, failure) => (command as unknown as (data: DataOf<T>) => Message)(of(data, failure)),
})

/** `refused: refusedBy(StockRefused, ({ reason }) => reason)` */
export const refusedBy = <T extends AnyMessageType>(
  type: T,
  reason: (data: DataOf<T>) => string,
  {
    when = () => true,
    outcome = 'refused',
  }: { readonly when?: (data: DataOf<T>) => boolean; readonly outcome?: Outcome } = {},
): RefusedBy => ({ type, reason, when, outcome })

/** `undo: undoneBy(ReleaseStock, ({ purchase_id }) => ({ purchase_id }), StockReleased)` */
export const undoneBy = <Data, T extends AnyMessageType & ((data: never) => Message)>(
  command: T,
  of: (data: Data, failure: Failure | undefined) => DataOf<T>,
  done: AnyMessageType,
): Undo<Data> => ({ ask: asks(command, of), done })

/** `undo: coveredBy('place order')` */
export const coveredBy = (step: string): CoveredBy => ({ coveredBy: step })

/**
 * Declares a saga. Throws when the table does not add up: a name or a reply twice, a cover that is none, a wrong
 * version.
 */
export const saga = <Data>(table: Table<Data>): Saga<Data> => {
  const { steps, settle, version, finishes = [] } = table
  if (!Number.isInteger(version) || version < 1 || finishes.some((earlier) => earlier >= version))
    throw new Error(`saga ${table.name}: versions are counted from 1, and it finishes earlier ones than ${version}`)
  once(
    [...steps, ...settle].map(({ name }) => name),
    'name',
  )
  for (const [i, { name, undo }] of steps.entries()) {
    if (!('coveredBy' in undo)) continue
    const cover = steps.slice(0, i).find((earlier) => earlier.name === undo.coveredBy)
    if (cover === undefined || 'coveredBy' in cover.undo)
      throw new Error(`saga ${table.name}: "${name}" is covered by "${undo.coveredBy}", which is no earlier undo`)
  }
  const undos = steps.flatMap(({ undo }) => ('coveredBy' in undo ? [] : [undo]))
  const done = [...steps, ...undos, ...settle].map((one) => one.done)
  once(
    done.map(({ type }) => type),
    'reply',
  )
  const others = steps.flatMap(({ refused, pending, calledOff = [] }) => [
    refused.type,
    pending,
    ...calledOff.map(({ type }) => type),
  ])
  const replies = new Map(
    [...done, ...others].flatMap((type) => (type === undefined ? [] : [[type.type, type] as const])),
  )
  const commands = [...steps, ...undos, ...settle].map(({ ask }) => ask.command)
  return { ...table, definitions: [version, ...finishes], replies: [...replies.values()], commands }
}

const once = (names: readonly string[], what: string): void => {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Error(`a saga has each ${what} once, and ${twice} twice`)
}
