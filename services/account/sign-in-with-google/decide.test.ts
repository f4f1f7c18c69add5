import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from './decide.ts'

const person = { email: 'ada@shop.test', emailVerified: true }
const mine = { id: 'a', verified: true }

test('a known subject signs in, whatever its e-mail address is now', () => {
  const signIn = { do: 'sign-in', account_id: 'a' }
  assert.deepEqual(decide(person, mine, undefined), signIn)
  assert.deepEqual(decide({ ...person, email: 'other@shop.test' }, mine, { id: 'b', verified: true }), signIn)
  assert.deepEqual(decide({ ...person, email: undefined, emailVerified: false }, mine, undefined), signIn)
})

test('a new subject with a verified address gets an account', () => {
  assert.deepEqual(decide(person, undefined, undefined), { do: 'create', email: 'ada@shop.test' })
})

test('an address that the provider has not verified opens and links nothing', () => {
  const refused = { do: 'refuse', because: 'email-not-verified' }
  assert.deepEqual(decide({ ...person, emailVerified: false }, undefined, undefined), refused)
  assert.deepEqual(decide({ ...person, emailVerified: false }, undefined, mine), refused)
  assert.deepEqual(decide({ ...person, email: undefined }, undefined, undefined), refused)
})

test('an account with the same address is linked only if its owner has verified the address here', () => {
  assert.deepEqual(decide(person, undefined, mine), { do: 'link', account_id: 'a' })
  assert.deepEqual(decide(person, undefined, { id: 'a', verified: false }), { do: 'refuse', because: 'email-taken' })
})
