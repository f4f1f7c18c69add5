import { command, event } from '@kit/message/message'
import type { Partitioning } from '@kit/log/log'
import Type from 'typebox'

const asking = {
  /** One time of asking: asked again, all is told again. */
  asking: Type.String({ format: 'uuid' }),
  reader: Type.String(),
  projection: Type.String(),
}

/** Asks an owner to tell a reader group all that it knows as events of these types. */
export const tellFacts = (owner: string) =>
  command(`${owner}.tell-facts.v1`, 'reader', Type.Object({ ...asking, types: Type.Array(Type.String()) }))

/** All that was asked for has been told: stands behind it in each partition. For the group that has asked. */
export const factsTold = (owner: string) =>
  event(
    `${owner}.facts-told.v1`,
    'place',
    Type.Object({
      ...asking,
      /** A key of the partition. */
      place: Type.String(),
      partition: Type.Integer(),
      /** How many partitions there are. */
      partitions: Type.Integer(),
      told: Type.Integer(),
    }),
  )

/** One key for each partition of a topic. */
export const placesIn = ({ partitions, partitionOf }: Partitioning, topic: string): readonly string[] =>
  Array.from({ length: partitions(topic) }, (_, partition) => {
    let n = 0
    while (partitionOf(topic, String(n)) !== partition) n++
    return String(n)
  })
