import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emailKept, emailKey } from './email.ts'

test('addresses that differ in capitals, in blanks around them or in encoding only are the same', () => {
  assert.equal(emailKey('Ada@Shop.TEST'), 'ada@shop.test')
  assert.equal(emailKey('rene\u0301@shop.test'), emailKey('ren\u00e9@shop.test'))
  assert.equal(emailKey('\uff41da@shop.test'), 'ada@shop.test')
  assert.equal(emailKey(' \tada@shop.test\u00a0\n'), 'ada@shop.test')
})

test('dots and tags belong to the address', () => {
  assert.notEqual(emailKey('a.da+x@shop.test'), emailKey('ada@shop.test'))
})

test('an address is kept as it was given, capitals and all, without the blanks around it', () => {
  assert.equal(emailKept(' Rene\u0301@Shop.TEST\n'), 'Ren\u00e9@Shop.TEST')
})
