import type { EventEmitter } from 'node:events'
import pg, { type ClientBase } from 'pg'
import type { Statement } from '../statement.ts'
import { faultOf, NotRun } from './faults.ts'
import { parserFor } from './values.ts'

/** One statement on its way. */
export type Step = {
  readonly statement: Statement
  /** Ready for the wire: text, bytes or null. */
  readonly values: readonly (string | Buffer | null)[]
  /** `tag` is the server's word for what it has done: `SELECT 3`, `COMMIT`. */
  readonly resolve: (rows: readonly unknown[], tag: string) => void
  readonly reject: (error: Error) => void
}

/** How a statement's columns become a row. */
type Shape = readonly { readonly name: string; readonly parse: (text: string) => unknown }[]

/** What the server says of a statement: the types of its parameters (pg_type.oid), and its columns. */
type Description = { readonly types: readonly number[]; readonly shape: Shape }

/**
 * What a connection has prepared, by name, with its description once that is known. `doubtful`: after an error nobody knows
 * whether the server has it.
 */
type Prepared = Map<string, Description | 'asked' | 'doubtful'>

/** A connection of the pool and what is known of it. */
export type Connection = {
  readonly client: ClientBase
  readonly prepared: Prepared
  /** What the server has not answered yet, in order. */
  readonly underWay: Asked[]
}

/** Something sent that asks for descriptions. */
export type Asked = {
  readonly handleParameterDescription: (message: { readonly dataTypeIDs: readonly number[] }) => void
}

/** A connection without a past. */
export const newConnection = (client: ClientBase): Connection => {
  const underWay: Asked[] = []
  // pg reads this message but hands it to nobody.
  const { connection } = client as unknown as { connection: EventEmitter }
  connection.on('parameterDescription', (message) => underWay[0]?.handleParameterDescription(message))
  return { client, prepared: new Map(), underWay }
}

/** The types of the statement's parameters, once the connection has run it. */
export const typesOf = ({ prepared }: Connection, { name }: Statement): readonly number[] | undefined => {
  const known = prepared.get(name)
  return typeof known === 'object' ? known.types : undefined
}

/** The part of pg's connection that speaks the extended protocol; its published types are those of an older version. */
type Wire = {
  readonly stream: { readonly cork: () => void; readonly uncork: () => void }
  readonly parse: (message: { name: string; text: string }) => void
  readonly bind: (message: { statement: string; values: Step['values'] }) => void
  readonly describe: (message: { type: 'S'; name: string }) => void
  readonly execute: () => void
  readonly close: (message: { type: 'S'; name: string }) => void
  readonly sync: () => void
}

/** pg's class for a query, through which a client hands over what the server answers. */
const Query = pg.Query as unknown as new (config: { text: string }) => object

/**
 * Several prepared statements in one message to the server, with one Sync at the end: one round trip, and after an error
 * the server skips the rest. (pg's own pipeline sends a Sync after each statement, and what follows an error still runs:
 * a statement behind a failed BEGIN would commit by itself.)
 *
 * Nothing is answered before the server is ready again, for a statement outside a transaction is committed only then.
 */
export class Burst extends Query {
  readonly #steps: readonly Step[]
  readonly #connection: Connection
  readonly #described: { types: readonly number[]; shape: Shape; known: boolean }[] = []
  readonly #done: { readonly rows: readonly unknown[]; readonly tag: string }[] = []
  #rows: unknown[] = []
  #unreadable: { readonly step: number; readonly error: Error } | undefined

  constructor(steps: readonly Step[], connection: Connection) {
    super({ text: '' })
    this.#steps = steps
    this.#connection = connection
    connection.underWay.push(this)
  }

  /** Sends the steps to the server. Every promise of theirs is resolved or rejected in the end, whatever happens. */
  static send(steps: readonly Step[], connection: Connection): Burst {
    const burst = new Burst(steps, connection)
    connection.client.query(burst)
    return burst
  }

  submit(connection: unknown): null {
    const wire = connection as Wire
    const { prepared } = this.#connection
    wire.stream.cork()
    for (const { statement, values } of this.#steps) {
      const { name, text } = statement
      const known = prepared.get(name)
      if (known === 'doubtful') wire.close({ type: 'S', name })
      if (known === undefined || known === 'doubtful') {
        wire.parse({ name, text })
        prepared.set(name, 'asked')
      }
      // Neither parameters nor columns of a prepared statement can change: it is described once per connection.
      if (typeof known === 'object') this.#described.push({ ...known, known: true })
      else {
        wire.describe({ type: 'S', name })
        this.#described.push({ types: [], shape: [], known: false })
      }
      wire.bind({ statement: name, values })
      wire.execute()
    }
    wire.sync()
    wire.stream.uncork()
    return null
  }

  handleParameterDescription({ dataTypeIDs }: { dataTypeIDs: readonly number[] }): void {
    const described = this.#described[this.#done.length]
    if (described !== undefined) described.types = dataTypeIDs
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    const described = this.#described[this.#done.length]
    if (described === undefined) return
    described.shape = fields.map(({ name, dataTypeID }) => ({ name, parse: parserFor(dataTypeID) }))
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {}
    try {
      let i = 0
      for (const { name, parse } of this.#described[this.#done.length]?.shape ?? []) {
        const text = fields[i++]
        row[name] = text === null || text === undefined ? null : parse(text)
      }
    } catch (error) {
      this.#unreadable ??= { step: this.#done.length, error: error as Error }
    }
    this.#rows.push(row)
  }

  handleCommandComplete({ text }: { text: string }): void {
    const step = this.#done.length
    const name = this.#steps[step]?.statement.name
    const described = this.#described[step]
    if (name !== undefined && described?.known === false) this.#connection.prepared.set(name, described)
    this.#done.push({ rows: this.#rows, tag: text })
    this.#rows = []
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' })
  }

  handleReadyForQuery(): void {
    this.#leave()
    for (const [i, { resolve, reject }] of this.#steps.entries()) {
      const done = this.#done[i]
      if (i === this.#unreadable?.step) reject(this.#unreadable.error)
      else if (done !== undefined) resolve(done.rows, done.tag)
    }
  }

  /** The server has refused a statement or the connection broke: what came before stands, what comes after was not run. */
  handleError(error: Error): void {
    this.#leave()
    // An error behind the last statement is that of its commit.
    const failed = Math.min(this.#done.length, this.#steps.length - 1)
    const fault = faultOf(error)
    for (const [i, { statement, resolve, reject }] of this.#steps.entries()) {
      const done = this.#done[i]
      if (i < failed && done !== undefined) resolve(done.rows, done.tag)
      else reject(i === failed ? fault : new NotRun(fault))
      if (i === failed || (i > failed && this.#described[i]?.known !== true))
        this.#connection.prepared.set(statement.name, 'doubtful')
    }
  }

  #leave(): void {
    const { underWay } = this.#connection
    const place = underWay.indexOf(this)
    if (place >= 0) underWay.splice(place, 1)
  }
}
