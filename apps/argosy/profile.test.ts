import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withProfile } from './profile.ts'

test('the demo profile shortens the times of orders, except those that are set', () => {
  const env = { ARGOSY_PROFILE: 'demo', ORDER_EXPIRY: '5m', HOME: '/root' }
  assert.deepEqual(withProfile(env), { ...env, ORDER_REMINDERS: '20s,40s,60s' })
})

test('without a profile, or with one that does not exist, nothing is set', () => {
  for (const env of [{}, { ARGOSY_PROFILE: '' }, { ARGOSY_PROFILE: 'dmo' }]) assert.deepEqual(withProfile(env), env)
})
