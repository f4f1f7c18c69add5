import assert from 'node:assert/strict'
import type { LogIn } from '@argosy/contracts/http/account'
import type { AnswerOf } from '@kit/http/endpoint'
import type { slice } from '@kit/testing/slice'

export type Shop = Awaited<ReturnType<typeof slice>>
export type SignedIn = AnswerOf<typeof LogIn>

export const ada = {
  email: 'ada.lovelace@example.test',
  password: 'Analytical-Engine-1843',
  first_name: 'Ada María',
  last_name: 'O’Byrne Lovelace',
  address: '12 St. James’s Square, London',
  phone_number: '+442071234567',
}

/** Registers a customer over HTTP. */
export const registered = async (shop: Shop, change: Partial<typeof ada> = {}): Promise<SignedIn> => {
  const { status, body } = await shop.request('POST', '/api/v1/account/register', { body: { ...ada, ...change } })
  assert.equal(status, 201, JSON.stringify(body))
  return body as SignedIn
}

/** The code of a problem answer. */
export const problemOf = ({ body }: { readonly body: unknown }): unknown => (body as { code?: unknown }).code

/** The code in the newest verification mail that was asked for. */
export const codeSent = async (shop: Shop): Promise<string> => {
  const latest = (await shop.published()).findLast(({ type }) => type === 'mail.send-verification-code.v1')
  assert.ok(latest, 'no code was sent')
  return (latest.data as { code: string }).code
}
