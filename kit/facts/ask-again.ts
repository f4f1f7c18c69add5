import { Loop } from '@kit/pace/loop'
import type { Database } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'
import { commandFor, type Asking } from './ask.ts'
import type { FactsProjection } from './facts.ts'

/** How often it is looked for what was asked and not read, in ms, and for how long that is not asked again, in seconds. */
const LOOK = 60_000
const AFTER = 10 * 60

const touchUnread = sql<{ projection: string; owner: string; id: string }>(import.meta.url, 'touch-unread.sql')

export type AskAgainOptions = Asking & {
  readonly db: Database
  readonly projections: readonly FactsProjection[]
  readonly log: Logger
}

/**
 * Repeats what was asked for and has not been read for ten minutes. The owner goes on when it is telling it, and tells it
 * again when it has told it: then an instance of an older release, which did not know of facts, may have passed them over.
 */
export class AskAgain implements AsyncDisposable {
  readonly #options: AskAgainOptions
  readonly #loop: Loop

  constructor(options: AskAgainOptions) {
    this.#options = options
    const step = async () => {
      await this.step()
      return 'idle' as const
    }
    this.#loop = new Loop(step, options.log, undefined, { poll: LOOK })
  }

  start(): void {
    this.#loop.start()
  }

  /** Once, for what was asked longer ago than `after` seconds. */
  async step(after = AFTER): Promise<void> {
    const { db, projections, reader, send } = this.#options
    await db.transaction(async (tx) => {
      const unread = await tx.query(touchUnread, [after])
      const commands = unread.flatMap(({ projection, owner, id }) => {
        const found = projections.find(({ name }) => name === projection)
        return found === undefined ? [] : [commandFor(found, owner, id, reader)]
      })
      if (commands.length > 0) send(tx, commands)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop[Symbol.asyncDispose]()
  }
}
