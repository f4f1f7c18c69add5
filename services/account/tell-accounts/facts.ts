import { AccountUpdated } from '@argosy/contracts/messages/account'
import { pageOf, type Facts } from '@kit/facts/facts'
import { sql } from '@kit/postgres/statement'
import type { AccountRow } from '../account.ts'

type Row = Pick<AccountRow, 'id' | 'email' | 'first_name' | 'last_name' | 'active'>

const selectPage = sql<Row>(import.meta.url, 'select-page.sql')

/** Every account as it is now. */
export const accounts: Facts = {
  name: 'accounts',
  types: [AccountUpdated],
  page: async (tx, after, limit) =>
    pageOf(
      await tx.query(selectPage, [after, limit]),
      limit,
      ({ id }) => id,
      ({ id: account_id, email, first_name, last_name, active: verified }) =>
        AccountUpdated({ account_id, email, first_name, last_name, verified }),
    ),
}
