import { Loop } from '@kit/pace/loop'
import type { Found } from '@kit/pace/loop'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'
import type { Changes } from '../running/changes.ts'
import { readHistory } from '../state.ts'
import type { HistoryLine } from '../state.ts'
import { Story } from './story.ts'

/** How often is looked for what other processes have changed, in ms. */
const POLL = 2_000
/** How often the loop asks whether that time has come, in ms. */
const TICK = 500
/** So many stories are read by one statement. */
const BATCH = 500

export type Limits = {
  /** Watchers in this process. */
  readonly all: number
  /** Watchers of one saga. */
  readonly each: number
}

/** Somebody who watches a saga: has a place until it is disposed of. */
export type Watcher = Disposable & {
  /**
   * The history as it grows: each line once, from after line `seen`, until the saga has ended; one that rests has not.
   */
  readonly lines: (seen: number, signal: AbortSignal) => AsyncGenerator<HistoryLine>
}

/** No place is left: in this process, or for this saga. */
export type Full = { readonly full: keyof Limits }

type Watching = {
  readonly db: Queryable
  readonly changes: Changes
  readonly log: Logger
  readonly limits?: Limits
}

const readStories = sql<{ id: string; version: number; ended: boolean; history: string }>(
  import.meta.url,
  'read-stories.sql',
)
const findMoved = sql<{ id: string }>(import.meta.url, 'find-moved.sql')

/**
 * All who watch sagas in this process. A saga that changes is read once, however many watch it, and those that change
 * meanwhile are read together after that. For what other processes change, one statement asks every two seconds which
 * of the watched sagas have moved. Nothing is kept per watcher: a slow one reads on from the shared story.
 */
export class Watchers implements AsyncDisposable {
  readonly #db: Queryable
  readonly #limits: Limits
  readonly #loop: Loop
  readonly #listening: Disposable
  readonly #stories = new Map<string, Story>()
  /** What is to be read: sagas that have changed, and those that were not read yet. */
  readonly #stale = new Set<string>()
  #count = 0
  #pollAt = 0

  constructor({ db, changes, log, limits = { all: 10_000, each: 1_000 } }: Watching) {
    this.#db = db
    this.#limits = limits
    this.#loop = new Loop(() => this.#step(), log.child({ loop: 'saga watchers' }), undefined, { poll: TICK })
    this.#listening = changes.listen((ids) => this.#changed(ids))
  }

  /** Takes a place. `version`: of the saga, as it is known to have come; what is known here may be older. */
  enter(id: string, version: number): Watcher | Full {
    const story = this.#stories.get(id) ?? new Story()
    if (this.#count >= this.#limits.all) return { full: 'all' }
    if (story.watchers >= this.#limits.each) return { full: 'each' }
    this.#stories.set(id, story)
    this.#count++
    story.watchers++
    if (story.version < version) this.#read(id)
    let left = false
    return {
      lines: (seen, signal) => story.follow(seen, signal),
      [Symbol.dispose]: () => {
        if (left) return
        left = true
        this.#count--
        if (--story.watchers === 0) this.#stories.delete(id)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]()
    await this.#loop[Symbol.asyncDispose]()
  }

  #changed(ids: Iterable<string>): void {
    if (this.#stories.size === 0) return
    for (const id of ids) if (this.#stories.has(id)) this.#read(id)
  }

  #read(id: string): void {
    this.#stale.add(id)
    this.#loop.start()
    this.#loop.wake()
  }

  async #step(): Promise<Found> {
    if (this.#stale.size === 0) await this.#poll()
    if (this.#stale.size === 0) return 'idle'
    const ids = [...this.#stale].slice(0, BATCH)
    // What changes while it is read is read again.
    for (const id of ids) this.#stale.delete(id)
    try {
      const read = new Map((await this.#db.query(readStories, [ids])).map((row) => [row.id, row]))
      for (const id of ids) this.#tell(id, read.get(id))
    } catch (error) {
      for (const id of ids) this.#stale.add(id)
      throw error
    }
    return 'handled'
  }

  #tell(id: string, row: { version: number; ended: boolean; history: string } | undefined): void {
    const story = this.#stories.get(id)
    if (row === undefined) story?.tell([], 0, true)
    else story?.tell(readHistory(row.history), row.version, row.ended)
  }

  /** Marks what other processes have changed. */
  async #poll(): Promise<void> {
    const watched = [...this.#stories].filter(([, { ended }]) => !ended)
    if (watched.length === 0 || performance.now() < this.#pollAt) return
    this.#pollAt = performance.now() + POLL
    const moved = await this.#db.query(findMoved, [
      watched.map(([id]) => id),
      watched.map(([, { version }]) => version),
    ])
    for (const { id } of moved) this.#stale.add(id)
  }
}
