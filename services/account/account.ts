import type { ShowPersonal } from '@argosy/contracts/http/account'
import type { Role } from '@argosy/contracts/roles'
import type { AnswerOf } from '@kit/http/endpoint'
import { sql } from '@kit/postgres/statement'

/** A row of `account`, without the password's hash: it is read by log-in alone. */
export type AccountRow = {
  readonly id: string
  readonly email: string
  readonly first_name: string
  readonly last_name: string
  readonly address: string
  readonly phone_number: string
  readonly roles: readonly Role[]
  readonly active: boolean
  readonly created_at: Date
  readonly updated_at: Date
}

export const selectAccount = sql<AccountRow>(import.meta.url, 'select-account.sql')

/** An account as its owner sees it. */
export const shown = (row: AccountRow): AnswerOf<typeof ShowPersonal>['account'] => ({
  id: row.id,
  first_name: row.first_name,
  last_name: row.last_name,
  email: row.email,
  address: row.address,
  phone_number: row.phone_number,
  active: row.active,
  updated_at: row.updated_at.toISOString(),
  created_at: row.created_at.toISOString(),
})
