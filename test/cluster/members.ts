import { openClient } from '@kit/postgres/connection/client'
import { hash32 } from '@kit/log/partition'

/** How many processes read for a group now: each holds an advisory lock of it. */
export const whoReads = async (url: string, group: string): Promise<number> => {
  await using client = await openClient({ url, name: 'who reads' })
  const { rowCount } = await client.query(
    `select from pg_locks where locktype = 'advisory' and objsubid = 2 and granted and classid::int8 = $1
          and database = (select oid from pg_database where datname = current_database())`,
    [hash32(group)],
  )
  return rowCount ?? 0
}
