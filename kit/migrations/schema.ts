/** A schema and the folders of numbered `.sql` files that make it, in order. */
export type Schema = {
  readonly name: string
  readonly folders: readonly URL[]
  /**
   * Absent: a service's own, owned by its role and closed to all others. Otherwise the schema belongs to the migrating
   * user, and the roles of these services may read and write its tables.
   */
  readonly sharedWith?: readonly string[]
}
