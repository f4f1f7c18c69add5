/** What an account may be; access tokens name them. */
export const roles = ['customer', 'seller', 'admin'] as const

export type Role = (typeof roles)[number]

/** May they do what is for this role? */
export const hasRole = (caller: { readonly roles: readonly string[] }, role: Role): boolean =>
  caller.roles.includes(role)
