import assert from 'node:assert/strict'
import { test } from 'node:test'
import { services } from './fleet.ts'
import { serviceNames } from './service-names.ts'

test('the names that commands know are those of the services that start, in their order', () => {
  assert.deepEqual(
    serviceNames,
    services.map(({ name }) => name),
  )
})
