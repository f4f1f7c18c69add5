/** What the outside world decides: time, identity, chance and sudden death. Everything that needs one is given this. */
export type Platform = {
  readonly clock: Clock
  /** A new UUIDv7 (RFC 9562): unique, and ordered by time of creation. */
  readonly newId: () => string
  /** A number in [0, 1). */
  readonly random: () => number
  /** Marks a place where a crash is interesting. Does nothing unless a test has armed the name. */
  readonly failpoint: (name: string) => void
}

export type Clock = { readonly now: () => Date }
