import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markFault } from '@kit/fault/fault'
import { askedFor, beginAnew } from './ask.ts'
import { shop, type Shop } from './test-shop.ts'
import { tellingOf } from './teller.ts'

/** Things are there, the log has dropped what told of them, and the late one joins it. */
const lateShop = async (...names: readonly string[]): Promise<Shop & { readonly ids: readonly string[] }> => {
  const made = await shop()
  const ids = await made.add(...names)
  await made.loseTheBeginning()
  await made.late.reader.drain()
  await made.owner.reader.drain()
  return Object.assign(made, { ids })
}
const anew = ({ late, owner, projection }: Shop) =>
  late.db.transaction(async (tx) =>
    beginAnew(tx, { reader: 'late', send: late.send, platform: owner.resources.platform }, projection),
  )
const read = async ({ late }: Shop) =>
  (await askedFor(late.db, 'things')).map(({ owner, read_at, told }) => [owner, read_at !== null, told])
const toldOf = async ({ owner, late }: Shop) => {
  const [asked] = await askedFor(late.db, 'things')
  return (await tellingOf(owner.db, asked?.id ?? ''))?.told
}

test('who joins when the beginning is gone is told all there is, and knows when that was all', async () => {
  await using made = await lateShop('a', 'b', 'c', 'd', 'e')
  assert.deepEqual(await made.namesOf(made.late), [], 'the log has nothing of them')
  assert.deepEqual(await read(made), [['owner', false, 0]])
  await made.teller().drain()
  await made.late.reader.drain()
  assert.deepEqual(await made.namesOf(made.late), ['a', 'b', 'c', 'd', 'e'])
  assert.deepEqual(await read(made), [['owner', true, 5]])
})

test('who has read from the beginning asks for nothing, and is not told what others are told', async () => {
  await using made = await lateShop('a', 'b')
  await made.early.db.query({ name: 'forget', text: 'delete from thing' })
  await made.teller().drain()
  await made.early.reader.drain()
  assert.deepEqual(await made.namesOf(made.early), [])
  assert.deepEqual(await askedFor(made.early.db, 'things'), [])
})

test('a change that is under way when its page is read comes first, and the page has it', async () => {
  await using made = await lateShop('old')
  const [id = ''] = made.ids
  const changed = Promise.withResolvers<void>()
  const commit = Promise.withResolvers<void>()
  const writing = made.rename(id, 'new', async () => {
    changed.resolve()
    await commit.promise
  })
  await changed.promise
  const telling = patiently(made)
  await blocked(made).finally(commit.resolve)
  await Promise.all([writing, telling])
  await made.late.reader.drain()
  assert.deepEqual(await made.namesOf(made.late), ['new'])
})

test('a change that comes while its page is being written comes after it', async () => {
  await using made = await lateShop('old')
  const [id = ''] = made.ids
  const writing = Promise.withResolvers<void>()
  made.midPage = async () => {
    made.midPage = async () => undefined
    void made.rename(id, 'new').then(writing.resolve, writing.reject)
    await blocked(made)
  }
  await made.teller().drain()
  await writing.promise
  await made.late.reader.drain()
  assert.deepEqual(await made.namesOf(made.late), ['new'])
})

for (const failpoint of ['facts.before-commit', 'facts.after-page']) {
  test(`a teller that dies at ${failpoint} leaves a place at which another goes on`, async () => {
    await using made = await lateShop('a', 'b', 'c', 'd', 'e')
    let passed = 0
    const mortal = made.teller((name) => {
      if (name === failpoint && ++passed === 2) throw markFault(new Error('died'), 'transient')
    })
    await assert.rejects(mortal.drain(), /died/)
    assert.equal(await toldOf(made), failpoint === 'facts.after-page' ? 4 : 2)
    await made.teller().drain()
    await made.late.reader.drain()
    assert.deepEqual(await made.namesOf(made.late), ['a', 'b', 'c', 'd', 'e'])
    assert.deepEqual(await read(made), [['owner', true, 5]])
  })
}

test('a page that waits for a row lets the others of it go before long', async () => {
  await using made = await lateShop('a')
  const [id = ''] = made.ids
  await made.rename(id, 'b', async () => assert.rejects(made.teller().step(), { code: '55P03' }))
  await made.teller().drain()
  await made.late.reader.drain()
  assert.deepEqual(await made.namesOf(made.late), ['b'])
})

test('two instances do not tell the same page', async () => {
  await using made = await lateShop('a', 'b', 'c')
  let other: unknown
  made.midPage = async () => {
    other ??= await made.teller().step()
  }
  await made.teller().drain()
  assert.equal(other, 'idle')
  assert.equal(await toldOf(made), 3)
})

test('a projection that begins anew is emptied and told again from the first, also in the middle of being told', async () => {
  await using made = await lateShop('a', 'b', 'c', 'd', 'e')
  await made.teller().step()
  await made.late.reader.drain()
  assert.equal((await made.namesOf(made.late)).length, 2)
  await made.late.db.query({ name: 'stray', text: `insert into thing values (gen_random_uuid(), 'stray')` })
  await anew(made)
  await made.owner.reader.drain()
  await made.teller().drain()
  await made.late.reader.drain()
  assert.deepEqual(await made.namesOf(made.late), ['a', 'b', 'c', 'd', 'e'])
  assert.deepEqual(await read(made), [['owner', true, 5]])
})

test('the end of an earlier telling is not taken for that of a later one', async () => {
  await using made = await lateShop('a')
  await made.teller().drain()
  await anew(made)
  await made.late.reader.drain()
  assert.deepEqual(await read(made), [['owner', false, 0]])
})

test('what is not read after a while is asked for again, and told again though it was told', async () => {
  await using made = await lateShop('a', 'b', 'c')
  await made.teller().drain()
  // An older instance has passed it all over.
  await made.late.db.query({ name: 'skip', text: `update log.outbox set messages = '[]' where topic = 'owner.events'` })
  await made.late.reader.drain()
  assert.deepEqual(await read(made), [['owner', false, 0]])
  await using asker = made.asker()
  await asker.step()
  await made.owner.reader.drain()
  assert.equal(await made.teller().drain(), false, 'not before its time')
  await asker.step(0)
  await asker.step(0)
  await made.owner.reader.drain()
  await made.teller().drain()
  await made.late.reader.drain()
  assert.deepEqual(await made.namesOf(made.late), ['a', 'b', 'c'])
  assert.deepEqual(await read(made), [['owner', true, 3]])
  await asker.step(0)
  await made.owner.reader.drain()
  assert.equal(await made.teller().drain(), false, 'it is read')
})

test('what this release cannot tell is left to one that can', async () => {
  await using made = await lateShop('a')
  await made.owner.db.query({ name: 'newer', text: `update facts_telling set types = types || '{owner.newer.v1}'` })
  assert.equal(await made.teller().drain(), false)
  await made.owner.db.query({ name: 'known', text: `update facts_telling set types = '{owner.thing-changed.v1}'` })
  assert.equal(await made.teller().drain(), true)
})

/** A page that waits too long for a row is tried again, as the teller's loop does. */
const patiently = async (made: Shop): Promise<void> => {
  for (const until = performance.now() + 10_000; ;) {
    try {
      await made.teller().drain()
      return
    } catch (error) {
      if (Object(error).code !== '55P03' || performance.now() > until) throw error
    }
  }
}

/** Until a session of the owner's waits for another. */
const blocked = async ({ late }: Shop): Promise<void> => {
  const text = `select count(*)::int as waiting from pg_locks join pg_stat_activity using (pid)
    where not granted and datname = current_database()`
  for (const until = performance.now() + 10_000; performance.now() < until;) {
    const [row] = await late.db.query<{ waiting: number }>({ name: 'waiting', text })
    if ((row?.waiting ?? 0) > 0) return
  }
  throw new Error('nobody waits for anybody')
}
