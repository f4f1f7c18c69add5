import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Note, notes, type Notes } from '@kit/messaging/test-group'
import { openSession, type Session } from '@kit/postgres/session'
import { sql } from '@kit/postgres/statement'

const countRows = sql<{ rows: number }>(import.meta.url, 'test-count-rows.sql')

/** A transaction that has said something and stays open until the gate is. */
const writeUntil = async (
  group: Notes,
  text: string,
  gate: Promise<void>,
): Promise<{ readonly done: Promise<void> }> => {
  const begun = Promise.withResolvers<void>()
  const done = group.db.transaction(async (tx) => {
    group.send(tx, [Note({ topic: text, text })])
    await tx.query(countRows)
    begun.resolve()
    await gate
  })
  await begun.promise
  return { done }
}

test('what is committed is read at once, whatever older transactions do, and what they commit later is not missed', async () => {
  await using group = await notes()
  const reader = group.reader()
  const gates = Array.from({ length: 8 }, () => Promise.withResolvers<void>())
  const writing: { readonly done: Promise<void> }[] = []
  // One after the other, so that the first is the oldest.
  for (const [i, gate] of gates.entries()) writing.push(await writeUntil(group, `${i}`, gate.promise))
  const read: string[] = []
  try {
    for (const i of [7, 3, 5, 1, 6, 2, 4, 0]) {
      gates[i]?.resolve()
      await writing[i]?.done
      await reader.drain()
      read.push(`${i}`)
      assert.deepEqual(await group.written(), read)
    }
  } finally {
    // The database is closed when the last of them has ended.
    for (const gate of gates) gate.resolve()
  }
})

test('a reader that starts anew knows from its checkpoint which transactions may still bring something', async () => {
  await using group = await notes()
  const gate = Promise.withResolvers<void>()
  const late = await writeUntil(group, 'late', gate.promise)
  await group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'early', text: 'early' })]))
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['early'])
  gate.resolve()
  await late.done
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['early', 'late'])
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['early', 'late'], 'and not twice')
})

test('a transaction that has waited for another of the same key comes after it, whichever began first', async () => {
  await using group = await notes()
  await using first = await openSession(group.url)
  await using second = await openSession(group.url)
  const say = (session: Session, text: string) =>
    session.query(`insert into log.outbox (topic, partition, messages) values ('notes.commands', 0, $1)`, [
      JSON.stringify([{ id: text, type: Note.type, partitionkey: 'a', data: { topic: 'a', text } }]),
    ])
  await first.query('begin')
  await first.query('select pg_current_xact_id()')
  await second.query('begin')
  await say(second, 'one')
  await second.query('commit')
  await say(first, 'two')
  await first.query('commit')
  await group.reader().drain()
  assert.deepEqual(await group.written('a'), ['one', 'two'])
})

test('a transaction with the highest id of all, that is still under way, is among those that are awaited', async () => {
  await using group = await notes()
  await using updater = await openSession(group.url)
  await using writer = await openSession(group.url)
  const say = (session: Session, text: string) =>
    session.query(`insert into log.outbox (topic, partition, messages) values ('notes.commands', 0, $1)`, [
      JSON.stringify([{ id: text, type: Note.type, partitionkey: text, data: { topic: text, text } }]),
    ])
  // First an update, the outbox last: who began first has the lower id and the higher number.
  await updater.query('begin')
  await updater.query('select pg_current_xact_id()')
  await writer.query('begin')
  await say(writer, 'low number')
  await say(updater, 'high number')
  await updater.query('commit')
  const reader = group.reader()
  await reader.step()
  assert.deepEqual(await group.written(), ['high number'])
  await writer.query('commit')
  await group.reader().drain()
  assert.deepEqual(await group.written(), ['high number', 'low number'])
  await reader.drain().catch(() => undefined)
  assert.deepEqual(await group.written(), ['high number', 'low number'])
})

test('a busy group reads everything once, in the order of each key, while many write at the same time', async () => {
  await using group = await notes()
  const reader = group.reader()
  const writers = Array.from({ length: 12 }, async (_, writer) => {
    for (let n = 0; n < 40; n++)
      await group.db.transaction(async (tx) => {
        group.send(tx, [Note({ topic: `w${writer}`, text: `${n}` })])
        if (n % 7 === writer % 7) await tx.query(countRows)
      })
  })
  const written = Promise.all(writers)
  let isWriting = true
  void written.then(() => (isWriting = false))
  while (isWriting) await reader.step()
  await written
  await reader.drain()
  for (let writer = 0; writer < 12; writer++) {
    assert.deepEqual(
      await group.written(`w${writer}`),
      Array.from({ length: 40 }, (_, n) => `${n}`),
    )
  }
})

test('the last release and this one read one after the other, and neither misses anything', async () => {
  await using group = await notes()
  await using session = await openSession(group.url)
  const note = (text: string) => group.db.transaction(async (tx) => group.send(tx, [Note({ topic: 'a', text })]))
  const old = async (): Promise<readonly string[]> => {
    // As the last release reads and moves: by (xid, seq), below the oldest running transaction.
    const [at] = await session.query<{ partition: number; xid: string; seq: string }>(
      `select c.partition, c.xid::text as xid, c.seq from log.checkpoint c
        where reader_group = 'notes' and exists (select from log.outbox o where o.partition = c.partition)`,
    )
    const rows = await session.query<{ xid: string; seq: string; messages: { data: { text: string } }[] }>(
      `select xid::text as xid, seq, messages from log.outbox
        where topic = 'notes.commands' and partition = $1 and (xid, seq) > ($2::xid8, $3) order by xid, seq`,
      [at?.partition, at?.xid, at?.seq],
    )
    const last = rows.at(-1)
    if (last !== undefined)
      await session.query(
        `select log.advance('notes', '{notes.commands}', array[$1::smallint], array[$2::xid8],
        array[$3::bigint], array[$4::xid8], array[$5::bigint])`,
        [at?.partition, at?.xid, at?.seq, last.xid, last.seq],
      )
    return rows.flatMap(({ messages }) => messages.map(({ data }) => data.text))
  }
  await group.reader().drain()
  await note('1')
  await group.reader().drain()
  await note('2')
  assert.ok((await old()).includes('2'))
  await note('3')
  await group.reader().drain()
  const written = await group.written()
  assert.ok(written.includes('1') && written.includes('3'), written.join())
  assert.ok(!written.includes('2'), 'what the last release has read is passed')
  await note('4')
  assert.deepEqual(await old(), ['4'])
})
