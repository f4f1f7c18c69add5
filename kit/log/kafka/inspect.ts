import { Admin, ConfigResourceTypes, type ClusterMetadata } from '@platformatic/kafka'
import { calm, clientOptions, within } from './client.ts'
import { unreachable } from './unreachable.ts'
import type { Address } from './url.ts'

const PATIENCE = 15_000

/** A topic as the brokers keep it. */
export type TopicView = {
  readonly name: string
  readonly partitions: number
  /** On so many brokers each message is kept; the smallest number of its partitions. */
  readonly replicas: number
  /** On so many of them it is now. */
  readonly inSync: number
  /** Settings by name, like `min.insync.replicas`; none where the user may not see them. */
  readonly settings: ReadonlyMap<string, string>
}

export type KafkaView = {
  readonly brokers: number
  /** Those of the wanted topics that there are. */
  readonly topics: readonly TopicView[]
  readonly missing: readonly string[]
}

/** Looks at the brokers and at these topics of ours, and changes nothing. Throws an error with a `fix` when they cannot be used. */
export const inspectKafka = async (address: Address, wanted: readonly string[]): Promise<KafkaView> => {
  const admin = calm(new Admin({ ...clientOptions(address), retries: 1 }))
  try {
    return await within(PATIENCE, 'describe its topics', look(admin, wanted.map(address.named)))
  } catch (error) {
    throw unreachable(address, error)
  } finally {
    await within(1_000, 'say goodbye', admin.close()).catch(() => undefined)
  }
}

const look = async (admin: Admin, wanted: readonly string[]): Promise<KafkaView> => {
  const present = new Set(await admin.listTopics())
  const names = wanted.filter((name) => present.has(name))
  const metadata = await admin.metadata({ topics: names })
  const settings = await settingsOf(admin, names)
  return {
    brokers: metadata.brokers.size,
    topics: names.map((name) => viewOf(name, metadata, settings.get(name) ?? new Map())),
    missing: wanted.filter((name) => !present.has(name)),
  }
}

const viewOf = (name: string, { topics }: ClusterMetadata, settings: TopicView['settings']): TopicView => {
  const partitions = topics.get(name)?.partitions ?? []
  return {
    name,
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    inSync: Math.min(...partitions.map(({ leader, isr }) => (leader < 0 ? 0 : isr.length))),
    settings,
  }
}

type Settings = ReadonlyMap<string, TopicView['settings']>

const settingsOf = async (admin: Admin, names: readonly string[]): Promise<Settings> => {
  if (names.length === 0) return new Map()
  const resources = names.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName }))
  // Who may read and write topics need not be allowed to see their settings.
  const described = await admin.describeConfigs({ resources }).catch(() => [])
  return new Map(
    described.map(({ resourceName, configs }) => [
      resourceName,
      new Map(configs.flatMap(({ name, value }) => (typeof value !== 'string' ? [] : [[name, value] as const]))),
    ]),
  )
}
