import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notes, telemetry } from '@kit/messaging/test-group'
import { openSession } from '@kit/postgres/session'
import { Membership } from './membership.ts'
import { partitionsOf } from './open.ts'
import { Wake } from './wake.ts'

test('members of a group share its partitions; when one is gone, the others have them', async () => {
  await using group = await notes()
  const all = partitionsOf(['notes.commands', 'notes.events'])
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
