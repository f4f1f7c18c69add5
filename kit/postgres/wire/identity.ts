import { roleOf } from '../role.ts'
import type { Statement } from '../statement.ts'

/** As whom statements run on a connection that several services share: under the role of one, in its schema, listed by its name. */
export type Identity = {
  readonly service: string
  /** Holds to the end of the transaction, or of the savepoint that is rolled back. */
  readonly become: Statement
  /** The statement under a name of the service's own: a plan is kept for one search path, and would be made anew for another. */
  readonly own: (statement: Statement) => Statement
}

/** PostgreSQL's limit for names, in bytes. */
const LONGEST = 63

const identities = new Map<string, Identity>()

/** The identity of a service; one object for each. */
export const identityOf = (service: string): Identity => {
  const known = identities.get(service)
  if (known !== undefined) return known
  const owned = new WeakMap<Statement, Statement>()
  const identity: Identity = {
    service,
    become: {
      name: `as ${service}`,
      text: `select set_config('role', '${roleOf(service)}', true), set_config('search_path', '"${service}",log', true),
                    set_config('application_name', 'argosy ${service}', true)`,
    },
    own: (statement) => {
      const known = owned.get(statement)
      if (known !== undefined) return known
      // The end of a name tells one from another: it is the digest of the text.
      const name = `${service}/${statement.name.slice(-(LONGEST - service.length - 1))}`
      const own = { ...statement, name }
      owned.set(statement, own)
      return own
    },
  }
  identities.set(service, identity)
  return identity
}
