import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import { slice } from '@kit/testing/slice'
import { payment } from '../service.ts'

test('a card that the provider knows has a token, any other none', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.call(TokenizeCard, { number: '4242424242424242' }), { token: 'tok_approve' })
  assert.deepEqual(await shop.call(TokenizeCard, { number: '4000 0000 0000 0002' }), { token: 'tok_decline' })
  assert.deepEqual(await shop.call(TokenizeCard, { number: '4111111111111111' }), {})
})
