import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefused, replay } from './decider.ts'
import type { Decider } from './decider.ts'
import { given } from './given.ts'

type Event = { readonly type: 'opened' } | { readonly type: 'closed' }
const door: Decider<'open' | 'close', Event, 'open' | 'closed', { readonly refused: 'still-open' }> = {
  initial: 'closed',
  decide: (command, state) => {
    if (command === 'close') return state === 'open' ? [{ type: 'closed' }] : []
    return state === 'open' ? { refused: 'still-open' } : [{ type: 'opened' }]
  },
  evolve: (_state, event) => (event.type === 'opened' ? 'open' : 'closed'),
}

test('an expected outcome passes: events, nothing, a refusal', () => {
  given(door).when('open').leadsTo({ type: 'opened' })
  given(door).when('close').leadsTo()
  given(door, { type: 'opened' }).when('open').leadsTo({ refused: 'still-open' })
  given(door, { type: 'opened' }, { type: 'closed' }).when('open').leadsTo({ type: 'opened' })
})

test('another outcome fails, also one event too many or a refusal in place of nothing', () => {
  assert.throws(() => given(door).when('open').leadsTo())
  assert.throws(() => given(door).when('close').leadsTo({ type: 'closed' }))
  assert.throws(() => given(door).when('open').leadsTo({ refused: 'still-open' }))
  assert.throws(() => given(door, { type: 'opened' }).when('open').leadsTo())
})

test('the state is what the events made of the beginning', () => {
  assert.equal(replay(door, [{ type: 'opened' }]), 'open')
  assert.equal(replay(door, []), 'closed')
  assert.ok(isRefused(door.decide('open', 'open')))
  assert.ok(!isRefused(door.decide('close', 'closed')))
})
