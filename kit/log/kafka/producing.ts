import { Producer } from '@platformatic/kafka'
import { setTimeout as pause } from 'node:timers/promises'
import { calm, clientOptions, within } from './client.ts'
import { isApiError, reasonIn, TooLarge } from './errors.ts'
import type { OutgoingRecord } from './records.ts'
import type { Address } from './url.ts'

/** Characters in one request. Brokers take a mebibyte for a partition unless told otherwise. */
const REQUEST = 400_000
/** Ms after which a request without an answer is given up: whether it is in the log is not known then. */
const PATIENCE = 8_000
/** Ms after which it is asked again. */
const AGAIN = 200

/** What brokers say of a request that is larger than they take, and of a message. */
const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

const serialize = (text?: string): Buffer | undefined => (text === undefined ? undefined : Buffer.from(text))

const names = new Map<string, Buffer>()

/** The names of headers are few. */
const serializeName = (name = ''): Buffer => {
  const known = names.get(name) ?? Buffer.from(name)
  names.set(name, known)
  return known
}

/**
 * Writes messages to their partitions in their order, each on as many brokers as the topic demands. One request is under way
 * at a time: that is what keeps the order when a broker dies.
 */
export class Producing implements AsyncDisposable {
  readonly #address: Address
  #producer: Producer<string, string, string, string> | undefined
  #turn = 0
  #last: Promise<unknown> = Promise.resolve()
  /** What the brokers have said last against the request that is under way. */
  #objection: Error | undefined
  #closed = false

  constructor(address: Address) {
    this.#address = address
  }

  /** Resolves when all are kept. When it throws, some of them may be. */
  write(records: readonly OutgoingRecord[]): Promise<void> {
    const writing = this.#last.then(async () => {
      for (const request of requestsOf(records)) await this.#send(request)
    })
    this.#last = writing.catch(() => undefined)
    return writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#close()
  }

  async #send(messages: OutgoingRecord[]): Promise<void> {
    if (this.#closed) throw new Error('the connection to Kafka is closed')
    // It asks again by itself, without writing anything twice, and without end. What was on its way to one broker goes to one
    // other: when several have taken over from it they refuse, and only a new producer finds out who they are.
    this.#producer ??= calm(
      new Producer({
        ...clientOptions(this.#address, this.#turn++),
        idempotent: true,
        retryDelay: (_client, _operation, _attempt, _retries, error) => {
          this.#objection = error
          return AGAIN
        },
        serializers: { key: serialize, value: serialize, headerKey: serializeName, headerValue: serialize },
      }),
    )
    try {
      await this.#ask(this.#producer, messages)
    } catch (error) {
      // Its numbering may be broken: the next one begins its own.
      await this.#close()
      if (!TOO_LARGE.some((apiId) => isApiError(error, apiId)))
        throw new Error(`Kafka took no messages: ${reasonIn(error)}`, { cause: error })
      const [first] = messages
      if (messages.length === 1 && first !== undefined) throw tooLarge(first, error)
      for (const message of messages) await this.#send([message])
    }
  }

  async #ask(producer: Producer<string, string, string, string>, messages: OutgoingRecord[]): Promise<void> {
    this.#objection = undefined
    const named = messages.map((one) => ({ ...one, topic: this.#address.named(one.topic) }))
    await within(PATIENCE, `take ${messages.length} messages`, producer.send({ messages: named })).catch(
      (error: unknown) => {
        // Why it was asked again and again is more to the point than that it took too long.
        throw Object(error).code === undefined && this.#objection !== undefined ? this.#objection : error
      },
    )
  }

  async #close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    if (producer !== undefined)
      await Promise.race([producer.close(), pause(1_000, undefined, { ref: false })]).catch(() => undefined)
  }
}

const tooLarge = ({ topic, partition = 0, value = '' }: OutgoingRecord, error: unknown): TooLarge =>
  new TooLarge(
    { topic, partition },
    `a message of ${topic} is larger than the brokers take (${Buffer.byteLength(value)} bytes of data)`,
    `raise max.message.bytes of ${topic}`,
    error,
  )

const requestsOf = (records: readonly OutgoingRecord[]): readonly OutgoingRecord[][] => {
  const requests: OutgoingRecord[][] = []
  let room = 0
  for (const record of records) {
    const size = (record.value?.length ?? 0) + 300
    if (room < size) {
      requests.push([])
      room = REQUEST
    }
    room -= size
    requests.at(-1)?.push(record)
  }
  return requests
}
