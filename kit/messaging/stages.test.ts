import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command } from '@kit/message/message'
import Type from 'typebox'
import { onBatch } from './consumer.ts'
import { stagesOf, type Received } from './stages.ts'

const Reserve = command('shelf.reserve.v1', 'id', Type.Object({ id: Type.String() }))
const Release = command('shelf.release.v1', 'id', Type.Object({ id: Type.String() }))
const reserve = onBatch(Reserve, async () => [])
const release = onBatch(Release, async () => [])
const consumerOf = (type: string) => [reserve, release].find((consumer) => consumer.types[0]?.type === type)

const received = (message: ReturnType<typeof Reserve> | ReturnType<typeof Release>): Received => ({
  message,
  delivery: {
    topic: 'shelf.commands',
    partition: 0,
    envelope: { id: 'm', type: message.type, partitionkey: message.key, data: message.data },
  },
})

const shape = (batch: readonly Received[]): readonly string[] =>
  stagesOf(batch, consumerOf).map(
    ({ consumer, messages }) =>
      `${consumer === reserve ? 'reserve' : 'release'} ${messages.map((m) => m.message.key).join()}`,
  )

test('messages of different keys join one call for each consumer', () => {
  const batch = [Reserve({ id: 'a' }), Release({ id: 'b' }), Reserve({ id: 'c' }), Release({ id: 'd' })].map(received)
  assert.deepEqual(shape(batch), ['reserve a,c', 'release b,d'])
})

test('messages of one key keep their order', () => {
  const batch = [Release({ id: 'a' }), Reserve({ id: 'a' }), Release({ id: 'a' }), Reserve({ id: 'b' })].map(received)
  assert.deepEqual(shape(batch), ['release a', 'reserve a,b', 'release a'])
})

test('messages that nobody handles are passed over', () => {
  const Count = command('shelf.count.v1', 'id', Type.Object({ id: Type.String() }))
  assert.deepEqual(stagesOf([received(Count({ id: 'a' }) as never)], consumerOf), [])
})
