import type { EventEmitter } from 'node:events'
import pg from 'pg'
import { openPool } from '../connection/pool.ts'
import { faultOf } from './faults.ts'

/** What the server knows of a statement without running it. Types are those of `pg_type.oid`. */
export type Described = {
  readonly parameters: readonly number[]
  /** Empty when it returns no rows. */
  readonly columns: readonly { readonly name: string; readonly type: number }[]
}

export type Describing = AsyncDisposable & {
  /** Throws what the server says of a statement that it cannot prepare. */
  readonly describe: (text: string) => Promise<Described>
}

/** Asks about statements as a service would run them: under its role, in its schema. */
export const openDescribing = (url: string, service: string): Describing => {
  const pool = openPool({ url, service, max: 1 })
  return {
    describe: async (text) => {
      const { connection, release } = await pool.take()
      try {
        return await new Promise((resolve, reject) => {
          connection.client.query(new Question(text, resolve, reject))
        })
      } finally {
        release()
      }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

/** pg's class for a query, through which a client hands over what the server answers. */
const Query = pg.Query as unknown as new (config: { text: string }) => object

/** The part of pg's connection that is needed here. */
type Wire = EventEmitter & {
  readonly parse: (message: { name: string; text: string }) => void
  readonly describe: (message: { type: 'S'; name: string }) => void
  readonly sync: () => void
}

/** Parse and Describe, and nothing is bound or executed. */
class Question extends Query {
  readonly #text: string
  readonly #resolve: (described: Described) => void
  readonly #reject: (error: Error) => void
  #parameters: readonly number[] = []
  #columns: Described['columns'] = []

  constructor(text: string, resolve: (described: Described) => void, reject: (error: Error) => void) {
    super({ text: '' })
    this.#text = text
    this.#resolve = resolve
    this.#reject = reject
  }

  submit(connection: unknown): null {
    const wire = connection as Wire
    // pg reads this message but hands it to nobody; after an error it does not come.
    const note = ({ dataTypeIDs }: { dataTypeIDs: readonly number[] }): void => {
      this.#parameters = dataTypeIDs
    }
    wire.once('parameterDescription', note)
    wire.once('readyForQuery', () => wire.off('parameterDescription', note))
    wire.parse({ name: '', text: this.#text })
    wire.describe({ type: 'S', name: '' })
    wire.sync()
    return null
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }))
  }

  handleReadyForQuery(): void {
    this.#resolve({ parameters: this.#parameters, columns: this.#columns })
  }

  handleError(error: Error): void {
    this.#reject(faultOf(error))
  }
}
