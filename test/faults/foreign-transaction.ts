import pg from 'pg'

/** A transaction of somebody else's on the same server: it has an id, and it stays open until it is disposed of. */
export type ForeignTransaction = AsyncDisposable & {
  /** Resolves when the server has ended it. */
  readonly lost: Promise<void>
}

/** Opens one in the server's database `postgres`, which is not the shop's. */
export const openForeignTransaction = async (url: string): Promise<ForeignTransaction> => {
  const elsewhere = new URL(url)
  elsewhere.pathname = '/postgres'
  if (elsewhere.pathname === new URL(url).pathname) throw new Error('the shop is in the database postgres itself')
  const client = new pg.Client({ connectionString: elsewhere.href, application_name: 'somebody else' })
  client.on('error', () => undefined)
  // Not `once`: that rejects when the server says that it has been killed.
  const lost = new Promise<void>((resolve) => client.once('end', resolve))
  await client.connect()
  await client.query('begin')
  await client.query('select pg_current_xact_id()')
  return {
    lost,
    [Symbol.asyncDispose]: async () => {
      await client.query('rollback').catch(() => undefined)
      await client.end().catch(() => undefined)
    },
  }
}
