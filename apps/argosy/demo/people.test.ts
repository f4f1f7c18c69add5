import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from '../settings.ts'
import { shownAccounts } from './people.ts'

test('passwords are shown where the demo is, and never in production', () => {
  const shown = (env: Readonly<Record<string, string>>) => shownAccounts(readSettings(env)) !== undefined
  assert.equal(shown({}), true)
  assert.equal(shown({ DEMO: 'off' }), false)
  assert.equal(shown({ HOST: '0.0.0.0' }), false)
  assert.equal(shown({ HOST: '0.0.0.0', DEMO: 'on' }), true)
  assert.equal(shown({ NODE_ENV: 'production' }), false)
  assert.equal(shown({ NODE_ENV: 'production', DEMO: 'on' }), false)
})
