import { serviceNames } from '@argosy/contracts/services'
import type { MessageType } from '@kit/message/message'

const modules: readonly Readonly<Record<string, unknown>>[] = await Promise.all(
  serviceNames.map((name) => import(`@argosy/contracts/messages/${name}`)),
)

/** Every message that services send each other, by its topic. */
export const messagesTable = (): string => {
  const rows = modules
    .flatMap((module) => Object.values(module).filter(isMessageType))
    .toSorted((a, b) => order(a.topic, b.topic) || order(a.type, b.type))
    .map(({ topic, type, keyedBy, schema }) => `| \`${topic}\` | \`${type}\` | \`${keyedBy}\` | ${fieldsOf(schema)} |`)
  return ['| Topic | `ce_type` | Key | Data |', '|---|---|---|---|', ...rows].join('\n')
}

const isMessageType = (value: unknown): value is MessageType =>
  typeof value === 'function' && 'keyedBy' in value && 'topic' in value

const order = (a: string, b: string): number => Number(a > b) - Number(a < b)

const fieldsOf = ({ properties, required }: MessageType['schema']): string => {
  const always = new Set<string>(required)
  return Object.keys(properties)
    .map((name) => (always.has(name) ? name : `${name}?`))
    .join(', ')
}
