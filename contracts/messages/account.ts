import { event } from '@kit/message/message'
import Type from 'typebox'
import { Uuid } from '../fields.ts'

const person = { account_id: Uuid, email: Type.String(), first_name: Type.String(), last_name: Type.String() }

export const AccountRegistered = event('account.account-registered.v1', 'account_id', Type.Object(person))
export const AccountVerified = event('account.account-verified.v1', 'account_id', Type.Object(person))

/** How an account is now; `verified`: its address is proven to be its owner's. Nothing need have happened to it. */
export const AccountUpdated = event(
  'account.account-updated.v1',
  'account_id',
  Type.Object({ ...person, verified: Type.Boolean() }),
)
