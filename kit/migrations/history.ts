import type { MigrationFile } from './files.ts'

/** What a schema has, against what this release has for it. The texts are names of files. */
export type History = {
  /** Not yet applied, in order. */
  readonly pending: readonly MigrationFile[]
  /** Applied, and another file here. */
  readonly changed: readonly string[]
  /** Applied, and unknown here, although this release knows later ones of the folder. */
  readonly foreign: readonly string[]
  /** Applied by a release that came after this one. */
  readonly later: readonly string[]
}

/** `applied`: digests by the name of the file. */
export const historyOf = (files: readonly MigrationFile[], applied: ReadonlyMap<string, string>): History => {
  const known = new Map(files.map(({ key, sha256 }) => [key, sha256]))
  const lastOf = new Map<string, string>()
  for (const key of [...known.keys()].toSorted()) lastOf.set(folderOf(key), key)
  const unknown = [...applied.keys()].filter((key) => !known.has(key)).toSorted()
  const isLater = (key: string): boolean => key > (lastOf.get(folderOf(key)) ?? '')
  return {
    pending: files.filter(({ key }) => !applied.has(key)),
    changed: files.filter(({ key, sha256 }) => (applied.get(key) ?? sha256) !== sha256).map(({ key }) => key),
    foreign: unknown.filter((key) => !isLater(key)),
    later: unknown.filter(isLater),
  }
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/'))

/** The database has what no release before or after this one has made. Nothing was changed. */
export class OtherHistory extends Error {
  override readonly name = 'OtherHistory'
  readonly fix =
    'start the version that this data was made with (git checkout), or restore a backup that this version made; ' +
    'argosy reset begins anew and deletes everything. See docs/guide/keep-it.md'
}

/** Throws an OtherHistory when the schemas are not this release's, nor those of one before or after it. */
export const refuseOther = (histories: ReadonlyMap<string, History>): void => {
  const all = [...histories.values()]
  const changed = all.flatMap((history) => history.changed)
  const foreign = all.flatMap((history) => history.foreign)
  if (changed.length + foreign.length === 0) return
  const reasons = [
    ...some(changed, 'it has another', 'than this version'),
    ...some(foreign, 'it has', ', which this version does not know'),
  ]
  throw new OtherHistory(
    `the tables in this database were made by another version of Argosy, not by this one or one next to it: ` +
      `${reasons.join('; ')}. Nothing was changed`,
  )
}

const some = ([first, ...more]: readonly string[], before: string, after: string): readonly string[] => {
  if (first === undefined) return []
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`
  return [`${before} ${first}${rest}${after.startsWith(',') ? '' : ' '}${after}`]
}

/** What is to be told of tables that a later release has made; undefined when there are none. */
export const laterIn = (histories: ReadonlyMap<string, History>): string | undefined => {
  const [first, ...more] = [...histories.values()].flatMap(({ later }) => later)
  if (first === undefined) return undefined
  return `${first}${more.length === 0 ? '' : ` and ${more.length} more`}`
}
