import { AccountRegistered } from '@argosy/contracts/messages/account'
import type { Outgoing } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { selectAccount } from '../account.ts'
import type { AccountRow } from '../account.ts'
import { emailKey } from '../domain/email.ts'
import { decide } from './decide.ts'
import type { Candidate, Person } from './decide.ts'

type Row = Candidate & { readonly linked: boolean }

const selectCandidates = sql<Row>(import.meta.url, 'select-candidates.sql')
const insertIdentity = sql(import.meta.url, 'insert-identity.sql')
const insertVerifiedAccount = sql(import.meta.url, 'insert-verified-account.sql')

export type Admitted = { readonly answer: AccountRow | Refusal; readonly send?: readonly Outgoing[] }

/** Finds, links or opens the account of whoever has proven to be `person`. */
export const admit = async (tx: Tx, person: Person, platform: Platform): Promise<Admitted> => {
  const { issuer, subject, email } = person
  const candidates = await tx.query(selectCandidates, [issuer, subject, email === undefined ? null : emailKey(email)])
  const decision = decide(
    person,
    candidates.find(({ linked }) => linked),
    candidates.find(({ linked }) => !linked),
  )
  const now = platform.clock.now()
  switch (decision.do) {
    case 'sign-in':
      return { answer: await load(tx, decision.account_id) }
    case 'link':
      void tx.query(insertIdentity, [issuer, subject, decision.account_id, now])
      return { answer: await load(tx, decision.account_id) }
    case 'create': {
      const account_id = platform.newId()
      const { firstName: first_name, lastName: last_name } = person
      const row = [account_id, decision.email, emailKey(decision.email), first_name, last_name, now]
      void tx.query(insertVerifiedAccount, row)
      void tx.query(insertIdentity, [issuer, subject, account_id, now])
      const registered = AccountRegistered({ account_id, email: decision.email, first_name, last_name })
      return { answer: await load(tx, account_id), send: [registered] }
    }
    case 'refuse':
      return { answer: REFUSALS[decision.because] }
  }
}

const load = async (tx: Tx, account_id: string): Promise<AccountRow> => {
  const [account] = await tx.query(selectAccount, [account_id])
  if (account === undefined) throw new Error(`the account ${account_id} is not there`)
  return account
}

const REFUSALS = {
  'email-taken': refuse('email-taken', {
    detail:
      'An account has this e-mail address and has not verified it. Sign in with its password and verify it first.',
  }),
  'email-not-verified': refuse('email-not-verified', { detail: 'Verify your e-mail address with the provider first.' }),
}
