import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayChange, maySell } from './permission.ts'

const person = (...roles: readonly string[]) => ({ id: 'ada', roles })

test('in an open marketplace any account may sell', () => {
  for (const roles of [[], ['customer'], ['seller'], ['admin']]) assert.equal(maySell('open', person(...roles)), true)
})

test('in a curated marketplace only sellers and admins may sell', () => {
  assert.equal(maySell('curated', person('seller')), true)
  assert.equal(maySell('curated', person('admin')), true)
  assert.equal(maySell('curated', person('customer')), false)
  assert.equal(maySell('curated', person()), false)
})

test('only its owner or an admin may change a product', () => {
  assert.equal(mayChange({ owner_id: 'ada' }, person('customer')), true)
  assert.equal(mayChange({ owner_id: 'eve' }, person('admin')), true)
  assert.equal(mayChange({ owner_id: 'eve' }, person('customer', 'seller')), false)
})
