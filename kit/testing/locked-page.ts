import assert from 'node:assert/strict'
import type { Facts } from '@kit/facts/facts'
import type { Message } from '@kit/message/message'
import type { Database } from '@kit/postgres/queryable'

/**
 * The pages of a service's facts, by as many rows. Fails when a row of a page could be changed before the page is
 * committed: `table` is whose rows they are.
 */
export const lockedPages = async (
  db: Database,
  facts: Facts,
  { table, limit }: { readonly table: string; readonly limit: number },
): Promise<readonly (readonly Message[])[]> => {
  const free = { name: `free ${table}`, text: `select 1 from ${table} for no key update skip locked` }
  const all = (await db.query(free)).length
  const pages: (readonly Message[])[] = []
  for (let after: string | undefined, more = true; more;) {
    const { messages, last } = await db.transaction(async (tx) => {
      const page = await facts.page(tx, after, limit)
      assert.ok((await db.query(free)).length <= all - page.messages.length, `${facts.name}: rows are not locked`)
      return page
    })
    pages.push(messages)
    after = last
    more = last !== undefined
  }
  return pages
}
