/** A category as it is stored. */
export type CategoryRow = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly created_at: Date
  readonly updated_at: Date
}

export const shownCategory = ({ created_at, updated_at, ...row }: CategoryRow) => ({
  ...row,
  created_at: created_at.toISOString(),
  updated_at: updated_at.toISOString(),
})
