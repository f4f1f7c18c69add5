import { sql } from '@kit/postgres/statement'

/** What is to be paid for a purchase; by this customer, or by whomever. */
export const selectTerms = sql<{ readonly amount: number; readonly currency_code: string }>(
  import.meta.url,
  'select-terms.sql',
)
