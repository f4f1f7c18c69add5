/** What an OpenID provider says of whoever signed in there. */
export type Person = {
  readonly issuer: string
  readonly subject: string
  readonly email: string | undefined
  /** Only the JSON value `true` counts, not the text "true". */
  readonly emailVerified: boolean
  readonly firstName: string
  readonly lastName: string
}

/** An account here. `verified`: its owner has proven the e-mail address to us. */
export type Candidate = { readonly id: string; readonly verified: boolean }

export type Decision =
  | { readonly do: 'sign-in'; readonly account_id: string }
  | { readonly do: 'link'; readonly account_id: string }
  | { readonly do: 'create'; readonly email: string }
  | { readonly do: 'refuse'; readonly because: 'email-not-verified' | 'email-taken' }

/**
 * The key is (issuer, subject), never the e-mail address. An account with the same address is linked only when both sides
 * have verified it: else whoever registers a victim's address first, here or there, would share the account.
 */
export const decide = (
  { email, emailVerified }: Pick<Person, 'email' | 'emailVerified'>,
  linked: Candidate | undefined,
  sameEmail: Candidate | undefined,
): Decision => {
  if (linked !== undefined) return { do: 'sign-in', account_id: linked.id }
  if (email === undefined || !emailVerified) return { do: 'refuse', because: 'email-not-verified' }
  if (sameEmail === undefined) return { do: 'create', email }
  return sameEmail.verified ? { do: 'link', account_id: sameEmail.id } : { do: 'refuse', because: 'email-taken' }
}
