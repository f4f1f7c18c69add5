import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLog } from '@kit/telemetry/log'
import { onBatch } from './consumer.ts'
import type { Cause } from './outgoing.ts'
import { Note, notes, telemetry } from './test-group.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const cause: Cause = { correlationid: 'p1', traceparent: `00-${TRACE}-b7ad6b7169203331-01` }

/** Lines as they were written, and a log that writes them. */
const lines = () => {
  const written: Readonly<Record<string, unknown>>[] = []
  const log = openLog({ level: 'info', to: { write: (line) => void written.push(JSON.parse(line)) } })
  const told = () =>
    written.map(({ msg, trace_id, correlation_id, correlation_ids }) =>
      Object.fromEntries(
        Object.entries({ msg, trace_id, correlation_id, correlation_ids }).filter(([, value]) => value !== undefined),
      ),
    )
  return { log, told }
}

test('what a consumer logs of a message carries its trace and its story; what is logged after the commit does not', async () => {
  await using group = await notes()
  const { log, told } = lines()
  const consumer = onBatch(Note, async (_, tx) => {
    await tx.savepoint(async () => undefined)
    log.info({}, 'handling')
    tx.afterCommit(() => log.info({}, 'committed'))
    return []
  })
  await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text: '1' })], () => cause))
  await group.reader({ consumers: [consumer] }).drain()
  assert.deepEqual(told(), [{ msg: 'handling', trace_id: TRACE, correlation_id: 'p1' }, { msg: 'committed' }])
})

test('at debug, each message that was handled has a line, with its ids, once it is committed; otherwise none', async () => {
  await using group = await notes()
  const [Quiet, Loud] = (['info', 'debug'] as const).map((level) => {
    const written: Readonly<Record<string, unknown>>[] = []
    return { written, log: openLog({ level, to: { write: (line) => void written.push(JSON.parse(line)) } }) }
  })
  assert.ok(Quiet !== undefined && Loud !== undefined)
  let tries = 0
  const consumer = onBatch(Note, async () => {
    if (tries++ === 0) throw Object.assign(new Error('not now'), { code: 'ECONNRESET' })
    Loud.log.info({}, 'handling')
    return []
  })
  for (const { log } of [Loud, Quiet]) {
    const reader = group.reader({ consumers: [consumer], telemetry: { ...telemetry, log } })
    await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text: '1' })], () => cause))
    await assertEnds(reader)
  }
  const told = Loud.written.filter(({ msg }) => msg === 'handled a message')
  const ids = Loud.written.filter(({ msg }) => msg === 'handling').map(({ message_id }) => message_id)
  assert.deepEqual(
    told.map(({ type, correlation_id, trace_id, message_id }) => ({ type, correlation_id, trace_id, message_id })),
    [{ type: 'notes.note.v1', correlation_id: 'p1', trace_id: TRACE, message_id: ids[0] }],
  )
  assert.match(String(ids[0]), /^[0-9a-f-]{36}$/)
  assert.deepEqual(Quiet.written, [])
})

/** What fails in passing is read again. */
const assertEnds = async (reader: { readonly drain: () => Promise<void> }): Promise<void> => {
  await reader.drain().catch(() => reader.drain())
}

test('of a batch its stories; when one message of it is handled alone, that one', async () => {
  await using group = await notes()
  const { log, told } = lines()
  const consumer = onBatch(Note, async (batch) => {
    log.info({}, `handling ${batch.length}`)
    if (batch.some(({ text }) => text === 'bad')) throw new Error('bad')
    return []
  })
  await group.db.transaction(async (tx) =>
    group.send(tx, [Note({ topic: 'a', text: '1' }), Note({ topic: 'b', text: 'bad' })]),
  )
  await group.reader({ consumers: [consumer], telemetry: { ...telemetry, log } }).drain()
  const ids = (message: string, field: string) =>
    new Set(told().flatMap(({ msg, [field]: id }) => (msg === message ? id : [])))
  assert.deepEqual(ids('handling 2', 'correlation_ids'), new Set(['a', 'b']))
  assert.deepEqual(ids('handling 1', 'correlation_id'), new Set(['a', 'b']))
  assert.deepEqual(ids('parked as a dead letter', 'correlation_id'), new Set(['b']))
})
