import type { KafkaView, TopicView } from '@kit/log/kafka/inspect'
import { otherPartitions } from '@kit/log/kafka/topics'
import type { Finding } from './check.ts'

const name = 'kafka'
const HOUR = 3_600_000

/** What is to be said of Kafka's topics. `partitions`: as many as each must have. */
export const topicFindings = ({ brokers, topics, missing }: KafkaView, partitions: number): readonly Finding[] => {
  const count = `${brokers} ${brokers === 1 ? 'broker' : 'brokers'}`
  if (topics.length === 0) return [{ name, verdict: 'ok', found: `${count}; topics are made at the first start` }]
  const findings = [
    ...some(missing, 'is not there', 'argosy start makes it', 'warning'),
    ...topics.flatMap((topic) => cut(topic, partitions)),
    ...unwritable(topics),
    ...compacted(topics),
    ...lossy(topics, brokers),
    ...short(topics),
  ]
  if (findings.length > 0) return findings
  return [{ name, verdict: 'ok', found: `${count}, ${topics.length} topics of ${partitions} partitions` }]
}

/** One finding for all topics of which the same is to be said. */
const some = (
  [first, ...more]: readonly string[],
  what: string,
  fix: string,
  verdict: Finding['verdict'],
): readonly Finding[] =>
  first === undefined
    ? []
    : [{ name, verdict, found: `${first}${more.length === 0 ? '' : ` (as ${more.length} more topics)`} ${what}`, fix }]

const namesOf = (topics: readonly TopicView[], held: (topic: TopicView) => boolean): readonly string[] =>
  topics.filter(held).map((topic) => topic.name)

const numberIn = ({ settings }: TopicView, setting: string): number | undefined => {
  const text = settings.get(setting)
  return text === undefined ? undefined : Number(text)
}

const demanded = (topic: TopicView): number => numberIn(topic, 'min.insync.replicas') ?? 1

const cut = (topic: TopicView, partitions: number): readonly Finding[] => {
  if (topic.partitions === partitions) return []
  const { message, fix } = otherPartitions(topic.name, topic.partitions, partitions)
  return [{ name, verdict: 'broken', found: message, fix }]
}

const unwritable = (topics: readonly TopicView[]): readonly Finding[] => [
  ...some(
    namesOf(topics, (topic) => demanded(topic) > topic.replicas),
    'has fewer replicas than its min.insync.replicas demands: nothing can be written to it',
    'lower min.insync.replicas, or give it more replicas with kafka-reassign-partitions',
    'broken',
  ),
  ...some(
    namesOf(topics, (topic) => topic.inSync < demanded(topic) && demanded(topic) <= topic.replicas),
    'has fewer replicas in sync than min.insync.replicas demands: nothing can be written to some partitions',
    'start the brokers that are away',
    'broken',
  ),
]

const compacted = (topics: readonly TopicView[]): readonly Finding[] =>
  some(
    namesOf(topics, ({ settings }) => settings.get('cleanup.policy')?.includes('compact') === true),
    'is compacted: of the messages of a key only the last is kept',
    'set cleanup.policy=delete with kafka-configs',
    'broken',
  )

const lossy = (topics: readonly TopicView[], brokers: number): readonly Finding[] => [
  ...some(
    namesOf(topics, ({ replicas }) => replicas === 1),
    'is kept on one broker only: with its disk all is lost that groups have not read',
    brokers < 3
      ? 'run three brokers, and LOG_REPLICAS=3 before the topics are made'
      : 'give it three replicas with kafka-reassign-partitions; LOG_REPLICAS=3 for topics that are yet to be made',
    'warning',
  ),
  ...some(
    namesOf(topics, (topic) => topic.replicas > 1 && numberIn(topic, 'min.insync.replicas') === 1),
    'has min.insync.replicas=1: what a single broker has confirmed may be lost with it',
    'set min.insync.replicas=2 with kafka-configs',
    'warning',
  ),
  ...some(
    namesOf(topics, (topic) => topic.replicas > 1 && demanded(topic) === topic.replicas),
    'demands all of its replicas: one broker that is away stops the shop',
    'set min.insync.replicas to one less with kafka-configs',
    'warning',
  ),
  ...some(
    namesOf(topics, ({ settings }) => settings.get('unclean.leader.election.enable') === 'true'),
    'may be led by a broker that does not have all messages',
    'set unclean.leader.election.enable=false with kafka-configs',
    'warning',
  ),
]

const short = (topics: readonly TopicView[]): readonly Finding[] =>
  some(
    namesOf(topics, (topic) => {
      const kept = numberIn(topic, 'retention.ms') ?? -1
      return (kept >= 0 && kept < HOUR) || (numberIn(topic, 'retention.bytes') ?? -1) >= 0
    }),
    'is kept for less than an hour, or for so many bytes: a service that is away for longer loses messages',
    'set retention.ms to a week and retention.bytes=-1 with kafka-configs',
    'warning',
  )
