import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Note, notes } from '@kit/messaging/test-group'
import { openSession } from '@kit/postgres/session'

test('on a server whose numbers begin anew they go on behind those that are known, and nothing is passed over', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  const note = (text: string) => group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text })]))
  for (const text of ['1', '2']) await note(text)
  const before = group.reader()
  await before.drain()
  await note('3')
  // As after a logical replication: rows and checkpoints came along, the sequence and the transaction ids did not.
  await session.query(`update log.outbox set xid = (xid::text::bigint + 1000000)::text::xid8`)
  await session.query(`update log.state set system_identifier = 1`)
  await session.query(`select setval('log.outbox_position', 1, false)`)
  await note('4')
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['1', '2', '3'], 'what is written before anybody has noticed lies too low')
  const [settled] = await session.query<{ numbered: string }>('select log.settle_identity() as numbered')
  assert.equal(settled?.numbered, '1')
  await note('5')
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['1', '2', '3', '4', '5'])
  const [again] = await session.query<{ numbered: string | null }>('select log.settle_identity() as numbered')
  assert.equal(again?.numbered, null)
})

test('rows that came along are not handled again when a transaction here has the id of one that wrote them there', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  await using writer = await openSession(group.url)
  const note = (text: string) => group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text })]))
  await note('old')
  const reader = group.reader()
  await reader.drain()
  await session.query(`update log.state set system_identifier = 1`)
  await session.query('select log.settle_identity()')
  await writer.query('begin')
  const [own] = await writer.query<{ xid: string }>('select pg_current_xact_id()::text as xid')
  await session.query(`update log.outbox set xid = $1::text::xid8`, [own?.xid])
  for (const text of ['1', '2', '3']) {
    await note(text)
    await reader.step()
  }
  await writer.query('commit')
  await reader.drain()
  assert.deepEqual(await group.written(), ['old', '1', '2', '3'])
})
