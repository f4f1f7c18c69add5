import pg from 'pg'
import { openPool } from '../connection/pool.ts'
import type { Asked, Connection } from './burst.ts'
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
          connection.client.query(new Question(text, connection, { resolve, reject }))
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
type Wire = {
  readonly parse: (message: { name: string; text: string }) => void
  readonly describe: (message: { type: 'S'; name: string }) => void
  readonly sync: () => void
}

type Answer = { readonly resolve: (described: Described) => void; readonly reject: (error: Error) => void }

/** Parse and Describe, and nothing is bound or executed. */
class Question extends Query implements Asked {
  readonly #text: string
  readonly #underWay: Connection['underWay']
  readonly #answer: Answer
  #parameters: readonly number[] = []
  #columns: Described['columns'] = []

  constructor(text: string, { underWay }: Connection, answer: Answer) {
    super({ text: '' })
    this.#text = text
    this.#answer = answer
    this.#underWay = underWay
    underWay.push(this)
  }

  submit(connection: unknown): null {
    const wire = connection as Wire
    wire.parse({ name: '', text: this.#text })
    wire.describe({ type: 'S', name: '' })
    wire.sync()
    return null
  }

  handleParameterDescription({ dataTypeIDs }: { readonly dataTypeIDs: readonly number[] }): void {
    this.#parameters = dataTypeIDs
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }))
  }

  handleReadyForQuery(): void {
    this.#leave()
    this.#answer.resolve({ parameters: this.#parameters, columns: this.#columns })
  }

  handleError(error: Error): void {
    this.#leave()
    this.#answer.reject(faultOf(error))
  }

  #leave(): void {
    const place = this.#underWay.indexOf(this)
    if (place >= 0) this.#underWay.splice(place, 1)
  }
}
