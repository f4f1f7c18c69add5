import { serviceNames } from '@argosy/contracts/services'
import { connectKafka, type Kafka, type KafkaOptions } from '@kit/log/kafka/open'
import { kafkaPartitioning } from '@kit/log/kafka/partitioning'
import { addressOf, KAFKA_URL, type Address } from '@kit/log/kafka/url'
import type { Partitioning } from '@kit/log/log'
import { partitioning } from '@kit/log/partition'
import Type from 'typebox'
import type { Static } from 'typebox'

const File = (description: string) => Type.Optional(Type.String({ description }))

/** Where the log is, and how it is cut: the same in all processes of a fleet. */
export const logSettings = {
  LOG_URL: Type.String({
    secret: true,
    default: 'postgres:',
    pattern: `^postgres:$|${KAFKA_URL.source}`,
    description:
      'Where messages travel: postgres: through the database, kafka://host:9092,host through Kafka; kafkas:// with TLS, user:password@ with SASL.',
    examples: ['kafka://host:9092,host', 'kafkas://user:password@host:9093,host?sasl=scram-sha-512'],
  }),
  LOG_PARTITIONS: Type.Integer({
    default: 4,
    minimum: 1,
    maximum: 1_000,
    description: 'How many partitions each topic of Kafka has; those that are missing are made with as many.',
  }),
  LOG_REPLICAS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      description: 'On how many brokers topics of Kafka are kept that are made; as the brokers have it when absent.',
    }),
  ),
  LOG_CA: File("A file (PEM) with who signs the brokers' certificates, when the system does not know."),
  LOG_CERT: File('A file (PEM) with the certificate that shows the brokers who we are.'),
  LOG_KEY: File('A file (PEM) with its private key.'),
} as const

const all = Type.Object(logSettings)
export type LogSettings = Static<typeof all>

export const isKafka = ({ LOG_URL }: Pick<LogSettings, 'LOG_URL'>): boolean => LOG_URL !== 'postgres:'

/** How the log's topics are cut. */
export const partitioningOf = (settings: Pick<LogSettings, 'LOG_URL' | 'LOG_PARTITIONS'>): Partitioning =>
  isKafka(settings) ? kafkaPartitioning(settings.LOG_PARTITIONS) : partitioning

/** What every service is asked, and what it tells. */
export const topics: readonly string[] = serviceNames.flatMap((name) => [`${name}.commands`, `${name}.events`])

/** How the brokers of LOG_URL are reached. */
export const brokersOf = ({ LOG_URL, LOG_CA, LOG_CERT, LOG_KEY }: LogSettings): Address =>
  addressOf(LOG_URL, { ca: LOG_CA, cert: LOG_CERT, key: LOG_KEY })

/** Connects to the brokers of LOG_URL. `create: false`: makes no topics that are missing. */
export const connect = (
  settings: LogSettings,
  around: Pick<KafkaOptions, 'platform' | 'telemetry'>,
  { create = true } = {},
): Promise<Kafka> => {
  const { LOG_URL, LOG_CA, LOG_CERT, LOG_KEY, LOG_PARTITIONS, LOG_REPLICAS } = settings
  return connectKafka({
    url: LOG_URL,
    certificates: { ca: LOG_CA, cert: LOG_CERT, key: LOG_KEY },
    topics,
    partitions: LOG_PARTITIONS,
    replicas: LOG_REPLICAS,
    create,
    ...around,
  })
}
