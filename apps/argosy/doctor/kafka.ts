import { inspectKafka } from '@kit/log/kafka/inspect'
import { brokersOf, isKafka, topics } from '../log-settings.ts'
import { readSettings } from '../settings.ts'
import type { Check } from './check.ts'
import { topicFindings } from './topics.ts'

/** Kafka, where the log is there: do the brokers answer, are the topics what they must be, and is what they confirm kept. */
export const checkKafka: Check = async (env) => {
  const settings = readSettings(env)
  if (!isKafka(settings)) return []
  return topicFindings(await inspectKafka(brokersOf(settings), topics), settings.LOG_PARTITIONS)
}
