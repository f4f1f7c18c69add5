import type { Message } from '@kit/message/message'
import type { Envelope } from '@kit/log/log'
import { partitioning } from '@kit/log/partition'
import { append, enclose, pack } from '@kit/messaging/outbox'
import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

type Row = {
  readonly topic: string
  readonly seq: number
  readonly messages: readonly Envelope[]
}

const selectPublished = sql<Row>(import.meta.url, 'published.sql')

/** The log as a test sees it: it puts in what others would say, and takes out what the service has said. */
export class TestLog {
  readonly #db: Database
  readonly #platform: Platform
  /** Ids of the envelopes that the test has put in. */
  readonly #foreign = new Set<string>()
  #read = 0

  constructor(db: Database, platform: Platform) {
    this.#db = db
    this.#platform = platform
  }

  async append(messages: readonly Message[]): Promise<void> {
    const enclosing = { platform: this.#platform, ...partitioning }
    const batches = pack(messages.map((message) => enclose(message, enclosing)))
    for (const row of batches.messages) {
      for (const { id } of JSON.parse(row) as readonly Envelope[]) this.#foreign.add(id)
    }
    await this.#db.transaction(async (tx) => append(tx, batches))
  }

  /** What the service has said since the last call, in log order; what it said again is not repeated. */
  async published(): Promise<readonly Message[]> {
    const rows = await this.#db.query(selectPublished, [this.#read])
    const messages = new Map<string, Message>()
    for (const { topic, seq, messages: envelopes } of rows) {
      this.#read = seq
      const kind = topic.endsWith('.commands') ? 'command' : 'event'
      for (const { id, type, partitionkey, data } of envelopes) {
        if (this.#foreign.has(id)) continue
        messages.set(JSON.stringify([type, partitionkey, data]), { kind, type, key: partitionkey, data })
      }
    }
    return [...messages.values()]
  }
}
