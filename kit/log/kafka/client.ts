import type { Base, BaseOptions } from '@platformatic/kafka'
import type { Address } from './url.ts'

/** Ms. A broker that is hung keeps its connections open and says nothing: others are asked after so long. */
const CONNECT = 2_000
const ANSWER = 5_000

let opened = 0

/**
 * What every client is opened with. It asks the first of its brokers first, time and again, even when that one is hung: whoever
 * opens one in place of another gives it the next `turn`.
 */
export const clientOptions = ({ client }: Address, turn = opened++): BaseOptions => ({
  ...client,
  bootstrapBrokers: turned(client.bootstrapBrokers, turn),
  clientId: 'argosy',
  connectTimeout: CONNECT,
  requestTimeout: ANSWER,
  retryDelay: 200,
  // Somebody makes topics on purpose, with as many partitions and replicas as they shall have.
  autocreateTopics: false,
})

/**
 * Every client is opened through here. A connection that is reset while it logs in emits its error twice, and the client listens
 * to the first only: the second would end the process.
 */
export const calm = <Client extends Pick<Base, 'connections'>>(client: Client): Client => {
  client.connections.on('connecting', ({ connection }) => connection.on('error', () => undefined))
  return client
}

type Brokers = Address['client']['bootstrapBrokers']

const turned = (brokers: Brokers, by: number): Brokers => {
  const first = by % brokers.length
  return [...brokers.slice(first), ...brokers.slice(0, first)] as Brokers
}

/** Rejects with an error that says what was waited for when `work` is not done within `ms`. What it leads to then is nobody's. */
export const within = async <T>(ms: number, what: string, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Kafka did not ${what} within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
