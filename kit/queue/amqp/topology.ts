import type { Channel, ChannelModel } from 'amqplib'

/** A message that was given to a consumer so often and never acknowledged goes to the dead letters: it kills what takes it. */
const DELIVERIES = 10

/** The names of what is declared; `prefix` keeps fleets on one virtual host apart. */
export const names = (prefix: string) => ({
  /** What is due, by type. */
  work: `${prefix}.work`,
  queue: (type: string) => `${prefix}.work.${type}`,
  dead: `${prefix}.dead`,
  deadQueue: (type: string) => `${prefix}.dead.${type}`,
})

/** Quorum queues survive their leader; a dead letter leaves its queue only when the next has confirmed it. */
const quorum = {
  'x-queue-type': 'quorum',
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
}

/** Declares everything, which does nothing where it is there already: a queue of work and one of dead letters per kind of job. */
export const declare = async (channel: Channel, prefix: string, types: readonly string[]): Promise<void> => {
  const { work, dead, queue, deadQueue } = names(prefix)
  for (const exchange of [work, dead]) await channel.assertExchange(exchange, 'direct', { durable: true })
  for (const type of types) {
    await channel.assertQueue(deadQueue(type), { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    await channel.bindQueue(deadQueue(type), dead, type)
    await channel.assertQueue(queue(type), {
      durable: true,
      arguments: {
        ...quorum,
        'x-delivery-limit': DELIVERIES,
        'x-dead-letter-exchange': dead,
        'x-dead-letter-routing-key': type,
      },
    })
    await channel.bindQueue(queue(type), work, type)
  }
}

/** Whether the broker lacks a queue of work, as after it has lost its disk. */
export const lacksQueues = async (
  connection: ChannelModel,
  prefix: string,
  types: readonly string[],
): Promise<boolean> => {
  for (const type of types) if (!(await isThere(connection, names(prefix).queue(type)))) return true
  return false
}

/** Whether the broker knows a queue. */
const isThere = async (connection: ChannelModel, queue: string): Promise<boolean> => {
  const channel = await connection.createChannel()
  channel.on('error', () => undefined)
  try {
    await channel.checkQueue(queue)
    await channel.close()
    return true
  } catch (error) {
    // The broker closes the channel then.
    if (Object(error).code === 404) return false
    throw error
  }
}
