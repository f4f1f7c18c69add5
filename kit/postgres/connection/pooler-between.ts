/** SQLSTATE of what PgBouncer itself refuses at the start of a connection. */
const PROTOCOL = '08P01'
export const THERE = 'between the shop and PostgreSQL is a connection pooler (PgBouncer?)'

/** Something between us and PostgreSQL that makes another thing of a connection than PostgreSQL itself does. */
export class PoolerBetween extends Error {
  override readonly name = 'PoolerBetween'
  readonly code = PROTOCOL
  readonly fix =
    'let the URL name PostgreSQL itself (its own port, often 5432): the shop pools its connections itself, ' +
    'see docs/guide/run-as-processes.md#connections'
}

/** Throws what an error of connecting says of a pooler, in words for who has put it there; any other error as it is. */
export const throwNamed = (error: unknown): never => {
  const { code, message } = Object(error)
  if (code !== PROTOCOL || !String(message).includes('startup parameter')) throw error
  throw new PoolerBetween(`${THERE} that takes no settings with a connection: ${message}`, { cause: error })
}
