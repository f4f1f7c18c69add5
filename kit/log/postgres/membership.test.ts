import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { notes, telemetry } from '@kit/messaging/test-group'
import { openSession, type Session } from '@kit/postgres/session'
import { hash32, partitioning } from '../partition.ts'
import { Membership } from './membership.ts'
import { partitionsOf } from './open.ts'
import { Wake } from './wake.ts'

test('members of a group share its partitions; when one is gone, the others have them', async () => {
  await using group = await notes()
  const all = partitionsOf(['notes.commands', 'notes.events'], partitioning)
  const join = (wake: Wake) =>
    Membership.join({ open: () => openSession(group.url), groups: ['notes'], wake, log: telemetry.log })
  const changed = Promise.withResolvers<void>()
  const wake = new Wake()
  await using first = await join(wake)
  assert.equal(first.share('notes', all).length, 8)
  wake.on(['notes.commands'], () => changed.resolve())
  const second = await join(new Wake())
  await changed.promise
  const shares = [...first.share('notes', all), ...second.share('notes', all)]
  assert.equal(first.share('notes', all).length, 4)
  assert.deepEqual(new Set(shares).size, 8)
  const alone = Promise.withResolvers<void>()
  wake.on(['notes.commands'], () => alone.resolve())
  await second[Symbol.asyncDispose]()
  await alone.promise
  assert.equal(first.share('notes', all).length, 8)
})

test('a commit in one process wakes the readers of another', async () => {
  await using group = await notes()
  const woken = Promise.withResolvers<void>()
  const wake = new Wake()
  const join = (own: Wake) =>
    Membership.join({ open: () => openSession(group.url), groups: ['notes'], wake: own, log: telemetry.log })
  await using _reading = await join(wake)
  await using writing = await join(new Wake())
  wake.on(['notes.commands'], () => woken.resolve())
  writing.announce(['notes.commands'])
  await woken.promise
})

test('behind a pooler in transaction mode nothing is read, and it says why', async () => {
  await using group = await notes()
  await using one = await openSession(group.url)
  await using other = await openSession(group.url)
  // As PgBouncer hands out its server connections: any of them for each statement.
  let turn = 0
  const pooled: Session = {
    ...one,
    query: (text, values) => (turn++ % 2 === 0 ? one : other).query(text, values),
    lost: false,
  }
  const joining = Membership.join({ open: async () => pooled, groups: ['notes'], wake: new Wake(), log: telemetry.log })
  await assert.rejects(async () => {
    await using membership = await joining
    for (const end = performance.now() + 10_000; membership.complaint() === undefined; await sleep(20))
      if (performance.now() > end) return
    throw new Error(membership.complaint())
  }, /pooler .* in transaction mode/)
})

test('a member that does not move counts no more after five seconds, and does no harm when it moves again', async () => {
  await using group = await notes()
  const all = partitionsOf(['notes.commands', 'notes.events'], partitioning)
  const wake = new Wake()
  await using frozen = await openSession(group.url)
  // As a process that is stopped: its session lives, and holds its lock.
  await frozen.query('select pg_advisory_lock_shared($1::int, 1)', [hash32('notes') | 0])
  await using alive = await Membership.join({
    open: () => openSession(group.url),
    groups: ['notes'],
    wake,
    log: telemetry.log,
  })
  assert.equal(alive.share('notes', all).length, 4)
  const has = async (count: number): Promise<void> => {
    const late = AbortSignal.timeout(10_000)
    while (alive.share('notes', all).length !== count) {
      const changed = Promise.withResolvers<void>()
      const stop = wake.on(['notes.commands'], () => changed.resolve())
      late.addEventListener('abort', () => changed.reject(new Error(`${count} partitions were not reached`)))
      if (alive.share('notes', all).length !== count) await changed.promise
      stop()
    }
  }
  wake.on(['notes.commands'], () => undefined)
  await has(8)
  await frozen.query('select 1')
  await has(4)
})

test('who is asked for a look while it enters enters once', async () => {
  await using group = await notes()
  let opened = 0
  const open = async () => {
    opened++
    const session = await openSession(group.url)
    if (opened === 1) await sleep(1_500)
    return session
  }
  await using _member = await Membership.join({ open, groups: ['notes'], wake: new Wake(), log: telemetry.log })
  assert.equal(opened, 1)
})
