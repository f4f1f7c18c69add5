import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicView } from '@kit/log/kafka/inspect'
import { topicFindings } from './topics.ts'

const settings = {
  'min.insync.replicas': '2',
  'cleanup.policy': 'delete',
  'unclean.leader.election.enable': 'false',
  'retention.ms': '604800000',
  'retention.bytes': '-1',
}

const topic = ({
  more = {},
  ...view
}: Partial<Omit<TopicView, 'settings'>> & { more?: Record<string, string> } = {}): TopicView => ({
  name: 'order.events',
  partitions: 4,
  replicas: 3,
  inSync: 3,
  ...view,
  settings: new Map(Object.entries({ ...settings, ...more })),
})

const said = (one: TopicView, brokers = 3): readonly string[] =>
  topicFindings({ brokers, topics: [one], missing: [] }, 4).map(({ verdict, found }) => `${verdict}: ${found}`)

test('three replicas of which two must be written are right, also while one broker is away', () => {
  assert.deepEqual(said(topic()), ['ok: 3 brokers, 1 topics of 4 partitions'])
  assert.deepEqual(said(topic({ inSync: 2 })), ['ok: 3 brokers, 1 topics of 4 partitions'])
})

test('settings that nobody may see are not judged', () => {
  const unseen: TopicView = { ...topic(), settings: new Map() }
  assert.deepEqual(said(unseen), ['ok: 3 brokers, 1 topics of 4 partitions'])
})

test('before the first start there are no topics', () => {
  assert.deepEqual(topicFindings({ brokers: 1, topics: [], missing: ['order.events'] }, 4), [
    { name: 'kafka', verdict: 'ok', found: '1 broker; topics are made at the first start' },
  ])
})

for (const [what, view, expected] of [
  ['other partitions', topic({ partitions: 6 }), /^broken: the topic order\.events has 6 partitions, not 4$/],
  ['too few in sync', topic({ inSync: 1 }), /^broken: .* fewer replicas in sync than min\.insync\.replicas demands/],
  ['a demand beyond its replicas', topic({ replicas: 1, inSync: 1 }), /^broken: .* fewer replicas than/],
  ['compaction', topic({ more: { 'cleanup.policy': 'compact,delete' } }), /^broken: .* is compacted/],
  ['one confirmation', topic({ more: { 'min.insync.replicas': '1' } }), /^warning: .* min\.insync\.replicas=1/],
  ['all confirmations', topic({ more: { 'min.insync.replicas': '3' } }), /^warning: .* demands all of its replicas/],
  ['any leader', topic({ more: { 'unclean.leader.election.enable': 'true' } }), /^warning: .* does not have all/],
  ['short retention', topic({ more: { 'retention.ms': '60000' } }), /^warning: .* less than an hour/],
  ['retention by size', topic({ more: { 'retention.bytes': '1000000' } }), /^warning: .* so many bytes/],
] as const) {
  test(`${what}: told first`, () => assert.match(said(view)[0] ?? '', expected))
}

test('one replica is warned of, with what can be done with these brokers', () => {
  const one = topic({ replicas: 1, inSync: 1, more: { 'min.insync.replicas': '1' } })
  const fixes = [1, 3].map((brokers) => topicFindings({ brokers, topics: [one], missing: [] }, 4)[0]?.fix)
  assert.match(fixes[0] ?? '', /^run three brokers/)
  assert.match(fixes[1] ?? '', /kafka-reassign-partitions/)
})
