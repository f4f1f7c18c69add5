import type { Message } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'
import { advance, begin } from '../advance.ts'
import type { Input } from '../advance.ts'
import { isFinishable } from '../definition.ts'
import type { Saga } from '../saga.ts'
import { isEnded } from '../state.ts'
import type { Remembered, SagaMemory } from './memory.ts'
import { insert, read, readDue, update } from './store.ts'
import type { Unwritten } from './store.ts'

/** A saga as a transaction has it; version 0: begun in it and not in the database yet. */
type Moving = Unwritten & {
  /** This transaction has written it. */
  readonly written: boolean
}

const unmoved = { lines: [], wait: undefined, written: false }

/**
 * The sagas that one transaction has read or begun. It moves them in memory, through any number of calls, and writes each
 * once, before the commit, with all that has happened. Under a savepoint they are written by the call itself, so that what
 * cannot be written is an error of the savepoint; when that is undone, they are here again what they were before it.
 */
export class UnitOfWork {
  static readonly #open = new WeakMap<Tx, UnitOfWork[]>()

  readonly #tx: Tx
  readonly #saga: Saga
  readonly #memory: SagaMemory
  readonly #sagas = new Map<string, Moving>()
  #awaitsCommit = false

  private constructor(tx: Tx, saga: Saga, memory: SagaMemory) {
    this.#tx = tx
    this.#saga = saga
    this.#memory = memory
  }

  /** The one that the transaction has for this saga. */
  static of(tx: Tx, saga: Saga, memory: SagaMemory): UnitOfWork {
    const open = UnitOfWork.#open.get(tx) ?? []
    const found = open.find((one) => one.#saga === saga && one.#memory === memory)
    if (found !== undefined) return found
    const unit = new UnitOfWork(tx, saga, memory)
    UnitOfWork.#open.set(tx, [...open, unit])
    return unit
  }

  /** Begins new sagas. Returns what is to be sent. */
  begin(births: readonly { readonly id: string; readonly data: unknown }[], now: Date): readonly Message[] {
    const definition = this.#saga.version
    return births.flatMap(({ id, data }) => {
      const { state, send, history, wait } = begin(this.#saga, data, now)
      this.#set({ id, data, state, version: 0, definition, lines: history, wait, written: false })
      return send
    })
  }

  /** The sagas with these ids as they are by now; unknown ids are absent. What is in memory is not read. */
  async load(ids: ReadonlySet<string>): Promise<readonly Remembered[]> {
    const { known, unknown } = this.#memory.take([...ids].filter((id) => !this.#sagas.has(id)))
    for (const one of [...known, ...(await read(this.#tx, this.#saga, unknown))]) this.#set({ ...one, ...unmoved })
    return [...ids].flatMap((id) => this.#sagas.get(id) ?? [])
  }

  /** Open sagas whose deadline has passed and that this release can finish, oldest first. */
  async loadDue(shortest: number, limit: number): Promise<readonly { readonly id: string; readonly retry: boolean }[]> {
    const due = (await readDue(this.#tx, this.#saga, shortest, limit)).filter((one) => isFinishable(this.#saga, one))
    for (const { retry: _, ...one } of due) this.#set({ ...one, ...unmoved })
    return due
  }

  /** Moves a saga on that was loaded or begun; none with another id. Returns what is to be sent. */
  move(id: string, input: Input, now: Date): readonly Message[] {
    const one = this.#sagas.get(id)
    if (one === undefined) return []
    const { state, send, history, wait } = advance(this.#saga, one.data, one.state, input, now)
    this.#set({ ...one, state, lines: [...one.lines, ...history], wait: wait ?? one.wait })
    return send
  }

  /** To be called when a call has moved all that it will: sees to it that this is written. */
  save(): void {
    if (this.#tx.inSavepoint()) return this.#write()
    if (this.#awaitsCommit) return
    this.#awaitsCommit = true
    this.#tx.beforeCommit(() => this.#write())
  }

  #set(one: Moving): void {
    const before = this.#sagas.get(one.id)
    this.#sagas.set(one.id, one)
    if (!this.#tx.inSavepoint()) return
    this.#tx.onUndo(() => {
      if (before === undefined) this.#sagas.delete(one.id)
      else this.#sagas.set(one.id, before)
    })
  }

  #write(): void {
    const moved = [...this.#sagas.values()].filter(({ lines }) => lines.length > 0)
    if (moved.length === 0) return
    // In one order everywhere, so that two writers cannot wait for each other.
    moved.sort((a, b) => (a.id < b.id ? -1 : 1))
    const isNew = ({ version }: Moving): boolean => version === 0
    insert(this.#tx, this.#saga, moved.filter(isNew))
    update(
      this.#tx,
      moved.filter((one) => !isNew(one)),
    )
    for (const one of moved) this.#set({ ...one, ...unmoved, version: one.version + 1, written: true })
    this.#tx.afterCommit(() => this.#committed())
  }

  /** Asked for by each write, for a savepoint may take one back: the first call does it. */
  #committed(): void {
    // One that rests is not heard of for hours: it need not push others out.
    const open = [...this.#sagas.values()].filter(
      ({ written, state }) => written && !isEnded(state) && state.phase !== 'resting',
    )
    this.#memory.keep(
      open.map(({ id, data, state, version, definition }) => ({ id, data, state, version, definition })),
    )
    this.#sagas.clear()
  }
}
