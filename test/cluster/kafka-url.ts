/** The Kafka that `npm run test:cluster` has started or was given; undefined where there is none, which it has said. */
export const kafkaUrl = (): string | undefined => process.env['KAFKA_URL']
