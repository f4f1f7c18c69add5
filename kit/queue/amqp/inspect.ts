import { connect } from 'amqplib'
import { brokersAt } from './brokers.ts'

/** How long a node may take to let us in, in ms. */
const PATIENCE = 3_000

/** A node of the message broker, as `host:port`; `trouble`: why it cannot be used. */
export type NodeView = { readonly node: string; readonly trouble?: string }

/** Looks at each node of a queue's URL, and changes nothing. */
export const inspectBrokers = (url: string): Promise<readonly NodeView[]> =>
  Promise.all(
    brokersAt(url).map(async (broker) => {
      const node = `${broker.hostname}:${broker.port}`
      try {
        const connection = await connect(broker, { timeout: PATIENCE })
        connection.on('error', () => undefined)
        await connection.close()
        return { node }
      } catch (error) {
        return {
          node,
          trouble: error instanceof Error && error.message !== '' ? error.message : String(Object(error).code),
        }
      }
    }),
  )
