import type { Queryable, Tx } from '../queryable.ts'
import type { Statement } from '../statement.ts'
import { Burst, typesOf, type Connection, type Step } from './burst.ts'
import { isConflict, rootOf, NotRun } from './faults.ts'
import { identityOf, type Identity } from './identity.ts'
import { encodeAll } from './values.ts'

type Answer = { readonly rows: readonly unknown[]; readonly tag: string }

/** One statement in a transaction of its own. */
export const runAlone = (
  connection: Connection,
  statement: Statement,
  values: readonly unknown[],
  identity?: Identity,
): Promise<readonly unknown[]> =>
  new Promise((resolve, reject) => {
    const own = identity?.own(statement) ?? statement
    const before = [...(identity === undefined ? [] : [identity.become]), ...(statement.replanned ? [REPLAN] : [])]
    Burst.send(
      [
        ...before.map((setting) => ({ statement: setting, values: [], resolve: noop, reject })),
        { statement: own, values: encodeAll(values, typesOf(connection, own)), resolve, reject },
      ],
      connection,
    )
  })

/**
 * One transaction on one connection. What is issued within one turn of the event loop travels together: BEGIN with the first
 * statements, COMMIT with those that were issued last and not awaited.
 */
export class Transaction implements Tx {
  readonly #connection: Connection
  /** Whose transaction it is; undefined where the connection itself is one service's. */
  readonly #identity: Identity | undefined
  /** The same transaction as others see it: one object for each. */
  readonly #others = new Map<string, Tx>()
  readonly #beforeCommit: (() => void | Promise<void>)[] = []
  readonly #afterCommit: (() => void)[] = []
  readonly #onUndo: (() => void)[] = []
  readonly #count: () => void
  /** As whom the next statement would run. */
  #current: Identity | undefined
  #unsent: Step[] = []
  #begun = false
  #sent = false
  #scheduled = false
  #ended = false
  #underWay = 0
  #last: Promise<unknown> = Promise.resolve()
  #depth = 0
  #failure: Error | undefined

  /** `count` is called for every statement that callers issue. `identity`: on a connection that services share. */
  constructor(connection: Connection, count: () => void, identity?: Identity) {
    this.#connection = connection
    this.#count = count
    this.#identity = identity
  }

  /** Whether work that ended with `error` did so because of a conflict with another transaction. */
  metConflict(error: unknown): boolean {
    return isConflict(error) || isConflict(this.#failure)
  }

  readonly query: Queryable['query'] = (statement, values = []) => this.#query(statement, values, this.#identity)

  readonly as = (service: string): Tx => {
    if (this.#identity === undefined)
      throw new Error(`this connection is not shared: nobody on it can act as ${service}`)
    if (service === this.#identity.service) return this
    const known = this.#others.get(service)
    if (known !== undefined) return known
    const identity = identityOf(service)
    const { as, beforeCommit, afterCommit, inSavepoint, onUndo, savepoint } = this
    const query: Tx['query'] = (statement, values = []) => this.#query(statement, values, identity)
    const other = { query, as, beforeCommit, afterCommit, inSavepoint, onUndo, savepoint }
    this.#others.set(service, other)
    return other
  }

  readonly beforeCommit = (fn: () => void | Promise<void>): void => {
    this.#beforeCommit.push(fn)
  }

  readonly afterCommit = (fn: () => void): void => {
    this.#afterCommit.push(fn)
  }

  readonly inSavepoint = (): boolean => this.#depth > 0

  readonly onUndo = (fn: () => void): void => {
    if (this.#depth > 0) this.#onUndo.push(fn)
  }

  readonly savepoint = async <T>(work: () => Promise<T>): Promise<T> => {
    const depth = ++this.#depth
    const before = this.#current
    const forget = this.#promised()
    void this.#issue(control(`savepoint s${depth}`))
    try {
      const result = await work()
      const released = this.#issue(control(`release savepoint s${depth}`))
      // The release alone is on its way: nothing can fail any more.
      if (this.#underWay > 1 || this.#failure !== undefined) await released
      return result
    } catch (error) {
      forget()
      await this.#undoTo(depth)
      this.#current = before
      throw rootOf(error)
    } finally {
      if (--this.#depth === 0) this.#onUndo.length = 0
    }
  }

  /** Commits; resolves when it is durable. Throws the reason when the server has not. */
  async commit(): Promise<void> {
    for (let i = 0; i < this.#beforeCommit.length && this.#failure === undefined; i++) await this.#beforeCommit[i]?.()
    if (this.#failure !== undefined) throw this.#failure
    const committed = this.#begun ? this.#issue(control('commit')) : undefined
    this.#ended = true
    if (committed === undefined) return
    this.#flush()
    const { tag } = await committed
    if (tag !== 'COMMIT') throw this.#failure ?? new Error(`COMMIT was answered by ${tag}: nothing has been committed`)
  }

  /** Undoes everything. Whether the connection can be used again. */
  async rollback(reason: unknown): Promise<boolean> {
    const unsent = this.#unsent
    this.#unsent = []
    const cause = reason instanceof Error ? reason : new Error(String(reason))
    for (const { reject } of unsent) reject(new NotRun(cause))
    this.#ended = true
    if (!this.#sent) return true
    this.#ended = false
    this.#failure = undefined
    const undone = this.#issue(control('rollback'))
    this.#ended = true
    this.#flush()
    return undone.then(
      () => true,
      () => false,
    )
  }

  /** To be called once the commit is done and the connection given back. */
  tellCommitted(): void {
    for (const callback of this.#afterCommit) callback()
  }

  /** Remembers what has been asked for so far; the function returned undoes and forgets what came since. */
  #promised(): () => void {
    const [before, after, undo] = [this.#beforeCommit.length, this.#afterCommit.length, this.#onUndo.length]
    return () => {
      this.#beforeCommit.length = before
      this.#afterCommit.length = after
      for (const fn of this.#onUndo.splice(undo).toReversed()) fn()
    }
  }

  #query<Row>(
    statement: Statement<Row>,
    values: readonly unknown[],
    identity: Identity | undefined,
  ): Promise<readonly Row[]> {
    this.#count()
    const own = identity?.own(statement) ?? statement
    const rows = this.#issue(own, values, identity).then((answer) => answer.rows as readonly Row[])
    // Handled: an error that nobody awaits is thrown by the end of the savepoint or the transaction.
    rows.catch(noop)
    return rows
  }

  /** Without an identity: what is nobody's own, such as a savepoint. */
  #issue(statement: Statement, values: readonly unknown[] = [], identity?: Identity): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.#ended)
        throw new Error(`${statement.name}: the transaction has ended; its work returned without waiting for this`)
      if (this.#failure !== undefined) throw new NotRun(this.#failure)
      const encoded = encodeAll(values, typesOf(this.#connection, statement))
      if (!this.#begun) this.#push(control('begin'), [], noop, reject)
      this.#begun = true
      if (identity !== undefined && identity !== this.#current) {
        this.#push(identity.become, [], noop, reject)
        this.#current = identity
      }
      this.#push(statement, encoded, (rows, tag) => resolve({ rows, tag }), reject)
    })
    this.#underWay++
    this.#last = answer.then(
      () => this.#underWay--,
      (error) => {
        this.#underWay--
        this.#failure ??= rootOf(error) as Error
      },
    )
    return answer
  }

  #push(statement: Statement, values: Step['values'], resolve: Step['resolve'], reject: Step['reject']): void {
    this.#unsent.push({ statement, values, resolve, reject })
    if (this.#scheduled) return
    this.#scheduled = true
    // After all promises of this turn, so that whatever they issue goes along.
    process.nextTick(() => this.#flush())
  }

  #flush(): void {
    this.#scheduled = false
    if (this.#unsent.length === 0) return
    this.#sent = true
    Burst.send(this.#unsent, this.#connection)
    this.#unsent = []
  }

  async #undoTo(depth: number): Promise<void> {
    await this.#last
    const failure = this.#failure
    this.#failure = undefined
    try {
      void this.#issue(control(`rollback to savepoint s${depth}`))
      await this.#issue(control(`release savepoint s${depth}`))
    } catch (error) {
      // The savepoint itself was never set, or the connection is gone.
      this.#failure = failure ?? (rootOf(error) as Error)
    }
  }
}

const noop = (): void => undefined

/** Holds to the next Sync, which ends the transaction that a burst without BEGIN is. */
const REPLAN: Statement = {
  name: 'replan',
  text: "select set_config('plan_cache_mode', 'force_custom_plan', true)",
}

const control = (text: string): Statement => ({ name: text, text })
