import { NewAccount } from '@argosy/contracts/http/account'
import { AccountRegistered } from '@argosy/contracts/messages/account'
import type { Role } from '@argosy/contracts/roles'
import type { Resources } from '@kit/http/route'
import { ConstraintBroken } from '@kit/postgres/queryable'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { Check } from 'typebox/value'
import { emailKept, emailKey } from './domain/email.ts'
import { openPasswords } from './password/passwords.ts'

const insertAdmin = sql(import.meta.url, 'insert-admin.sql')
const addRole = sql<Granted>(import.meta.url, 'add-role.sql')
const selectIsRegistered = sql<{ readonly is_registered: boolean }>(import.meta.url, 'select-is-registered.sql')
const selectHasAdmin = sql<{ readonly has_admin: boolean }>(import.meta.url, 'select-has-admin.sql')

export type Granted = { readonly account_id: string; readonly email: string; readonly roles: readonly Role[] }

/** Who becomes an admin. The address counts as verified: whoever runs the command vouches for it. */
export type NewAdmin = {
  readonly email: string
  readonly password: string
  readonly first_name?: string
  readonly last_name?: string
}

/** Whether anybody is an admin. */
export const hasAdmin = async (db: Queryable): Promise<boolean> =>
  (await db.query(selectHasAdmin, []))[0]?.has_admin === true

/** What `createAdmin` would object to in the address; for asking before somebody has typed a password. */
export const objectionTo = async (
  db: Queryable,
  email: string,
): Promise<Refusal<'email-taken' | 'invalid-request'> | undefined> => {
  const flaw = flawInAddress(email)
  if (flaw !== undefined) return refuse('invalid-request', { detail: flaw })
  const [row] = await db.query(selectIsRegistered, [emailKey(email)])
  return row?.is_registered === true ? taken(email) : undefined
}

/**
 * Opens an admin's account. An address that is registered already is refused rather than raised: whoever registered it first
 * may be somebody else. `grantRole` raises it knowingly.
 */
export const createAdmin = async (
  { transact, platform }: Pick<Resources, 'transact' | 'platform'>,
  { email: typed, password, first_name = 'Admin', last_name = '' }: NewAdmin,
): Promise<Granted | Refusal<'email-taken' | 'invalid-request' | 'busy'>> => {
  const email = emailKept(typed)
  const flaw = flawInAddress(email) ?? flawInPassword(password)
  if (flaw !== undefined) return refuse('invalid-request', { detail: flaw })
  const hash = await openPasswords({ PASSWORD_HASHERS: 1, PASSWORD_QUEUE: 1 }).hash(password)
  if (isRefusal(hash)) return hash
  const account_id = platform.newId()
  try {
    await transact({ cause: {} }, async (tx) => {
      const now = platform.clock.now()
      await tx.query(insertAdmin, [account_id, email, emailKey(email), hash, first_name, last_name, now])
      return { answer: undefined, send: [AccountRegistered({ account_id, email, first_name, last_name })] }
    })
  } catch (error) {
    if (!(error instanceof ConstraintBroken && error.constraint === 'email_belongs_to_one_account')) throw error
    return taken(email)
  }
  return { account_id, email, roles: ['customer', 'admin'] }
}

/** Gives a registered account a role, once. It is in the tokens that the account gets from then on. */
export const grantRole = async (
  db: Queryable,
  { email, role }: { readonly email: string; readonly role: Role },
): Promise<Granted | Refusal<'not-found'>> => {
  const [granted] = await db.query(addRole, [emailKey(email), role])
  return granted ?? refuse('not-found', { detail: `No account has the e-mail address ${email}.` })
}

const taken = (email: string): Refusal<'email-taken'> =>
  refuse('email-taken', { detail: `${email} is registered. Grant that account the role admin instead.` })

const flawInAddress = (email: string): string | undefined =>
  Check(NewAccount.properties.email, email) ? undefined : `${JSON.stringify(email)} is not an e-mail address.`

const flawInPassword = (password: string): string | undefined =>
  Check(NewAccount.properties.password, password) ? undefined : 'The password must have 8 to 256 characters.'
