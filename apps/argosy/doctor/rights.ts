import type { Finding } from './check.ts'

/** What the user of the URL may do, and what is there already. */
export type Rights = {
  readonly user: string
  readonly database: string
  readonly may_create_roles: boolean
  readonly may_create_schemas: boolean
  readonly missing_roles: readonly string[]
  readonly missing_schemas: readonly string[]
  /** Roles that are there, and that the user cannot act as. */
  readonly closed_roles: readonly string[]
}

const name = 'database'

/** Each service has a schema and works under a role of its own; a start makes those that are missing. */
export const rights = (server: Rights): readonly Finding[] => {
  const { user, database, may_create_roles, may_create_schemas, missing_roles, missing_schemas, closed_roles } = server
  const findings: Finding[] = []
  const broken = (found: string, fix: string): void => void findings.push({ name, verdict: 'broken', found, fix })
  const createRole = `alter role "${user}" createrole`
  if (!may_create_roles && missing_roles.length > 0)
    broken(`its user may not create the roles ${missing_roles.join(', ')}`, createRole)
  if (!may_create_schemas && missing_schemas.length > 0)
    broken(
      `its user may not create the schemas ${missing_schemas.join(', ')}`,
      `grant create on database "${database}" to "${user}"`,
    )
  if (closed_roles.length > 0)
    broken(`its user may not act as ${closed_roles.join(', ')}`, `grant ${closed_roles.join(', ')} to "${user}"`)
  if (findings.length > 0 || may_create_roles) return findings
  return [
    { name, verdict: 'warning', found: 'its user may not create the role of a service that is added', fix: createRole },
  ]
}
