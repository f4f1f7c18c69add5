import type { Channel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Connections } from './link.ts'
import { declare, names } from './topology.ts'

/** How long the broker may take to confirm, in ms. After that the connection is held to be of no use. */
const CONFIRM = 30_000

/** What a message says: which try of which job. The job itself stays in the database. */
export type JobMessage = { readonly id: string; readonly attempt: number }

/** A message from the broker. */
export type Delivery = {
  /** Undefined when it is not one of ours. */
  readonly message: JobMessage | undefined
  /** How often it was given to somebody, this time included. */
  readonly times: number
  /** Tells the broker to forget it; nothing once the connection is lost, for then the broker gives it to somebody again. */
  readonly ack: () => void
}

/** A message for the broker. */
export type Publication = JobMessage & { readonly type: string }

export type SessionOptions = {
  readonly prefix: string
  /** Messages that the broker may have under way here, by type. */
  readonly prefetch: ReadonlyMap<string, number>
  readonly work: (delivery: Delivery) => void
  readonly dead: (delivery: Delivery) => void
  /** Called when the connections are of no further use. */
  readonly drop: (why: string) => void
}

/** What a service does with a broker while it is connected: publishes with confirms, consumes with acknowledgements. */
export class Session {
  readonly #options: SessionOptions
  readonly #publishing: ConfirmChannel
  readonly #consuming: Channel
  /** Jobs whose message came back because no queue takes it. */
  readonly #returned = new Set<string>()
  readonly #over = Promise.withResolvers<void>()
  #open = true

  private constructor(options: SessionOptions, publishing: ConfirmChannel, consuming: Channel) {
    this.#options = options
    this.#publishing = publishing
    this.#consuming = consuming
  }

  /** Declares everything. */
  static async open(connections: Connections, options: SessionOptions): Promise<Session> {
    const { prefix, prefetch, drop } = options
    const consuming = await connections.consuming.createChannel()
    const publishing = await connections.publishing.createConfirmChannel()
    for (const channel of [consuming, publishing]) {
      channel.on('error', (error) => drop(String(error)))
      channel.on('close', () => drop('a channel was closed'))
    }
    await declare(consuming, prefix, [...prefetch.keys()])
    const session = new Session(options, publishing, consuming)
    publishing.on('return', ({ properties }) => session.#returned.add(String(properties.messageId)))
    return session
  }

  async consume(): Promise<void> {
    const { prefix, prefetch, work, dead } = this.#options
    for (const [type, count] of prefetch) {
      // Counts for the consumers that are added after it.
      await this.#consuming.prefetch(count)
      await this.#consuming.consume(names(prefix).queue(type), (message) => this.#receive(message, work))
      await this.#consuming.consume(names(prefix).deadQueue(type), (message) => this.#receive(message, dead))
    }
  }

  /** Gives messages to the broker; returns those that it has not confirmed, and why. */
  async publish(
    publications: readonly Publication[],
  ): Promise<{ readonly failed: readonly Publication[]; readonly why?: string }> {
    const pending = new Set(publications)
    let why = 'the connection was lost'
    const late = setTimeout(() => this.#options.drop('the broker does not confirm'), CONFIRM)
    const outcomes = publications.map(async (publication) => {
      const error = await this.#send(publication)
      // A message that comes back is confirmed too, after its return.
      if (error !== undefined) why = error
      else if (this.#returned.delete(publication.id)) why = 'no queue takes it'
      else pending.delete(publication)
    })
    await Promise.race([Promise.all(outcomes), this.#over.promise])
    clearTimeout(late)
    if (pending.size === 0) return { failed: [] }
    this.#options.drop(why)
    return { failed: [...pending], why }
  }

  /** From now on nothing that comes is taken, and acknowledgements say nothing. */
  end(): void {
    this.#open = false
    this.#over.resolve()
  }

  #send({ id, attempt, type }: Publication): Promise<string | undefined> {
    const { work } = names(this.#options.prefix)
    const content = Buffer.from(JSON.stringify({ id, attempt } satisfies JobMessage))
    const properties = { persistent: true, mandatory: true, messageId: id, type, contentType: 'application/json' }
    return new Promise((resolve) => {
      const confirmed = (error: unknown): void => {
        if (error === null || error === undefined) resolve(undefined)
        else resolve(error instanceof Error ? error.message : 'not confirmed')
      }
      try {
        this.#publishing.publish(work, type, content, properties, confirmed)
      } catch (error) {
        // Written to a channel that is closed.
        confirmed(error)
      }
    })
  }

  /** An error in here would end the connection: the driver has nobody to give it to. */
  #receive(message: ConsumeMessage | null, take: (delivery: Delivery) => void): void {
    if (!this.#open) return
    // The broker has cancelled the consumer: its queue was deleted, or its node is going.
    if (message === null) return this.#options.drop('a consumer was cancelled')
    const ack = (): void => {
      try {
        if (this.#open) this.#consuming.ack(message)
      } catch {
        // The channel has just been closed: the broker gives the message to somebody again, who finds the job done.
      }
    }
    const before = Number(message.properties.headers?.['x-delivery-count'] ?? 0)
    take({ message: jobMessageOf(message.content), times: before + 1, ack })
  }
}

const jobMessageOf = (content: Buffer): JobMessage | undefined => {
  try {
    const { id, attempt } = JSON.parse(content.toString()) as Partial<JobMessage>
    const ours = typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) && Number.isSafeInteger(attempt)
    return ours ? { id, attempt: Number(attempt) } : undefined
  } catch {
    return undefined
  }
}
