// Migrations are append-only: what was applied somewhere is never changed. All that there are stand in one list, by
// the name and the digest under which databases know them; it only grows.
import type { Complaint, Migration } from './judge-migrations.ts'
import { digestOf, digestsIn, listOf, type Digests } from './migration-digests.ts'

export const RECORD = 'scripts/recorded-migrations.txt'
const ADD = 'npm run check:migrations -- --record'
const rule = 'recorded'

/** Where the files are not what the list says. */
export const brokenRecord = (files: readonly Migration[], recorded: Digests): readonly Complaint[] => {
  const here = new Set(files.map(({ key }) => key))
  const gone = [...recorded.keys()].filter((key) => !here.has(key))
  return [
    ...gone.map((file) => ({ file, rule, why: `it is gone (or has another name), and databases have it: ${BACK}` })),
    ...files.flatMap(({ file, key, text }): Complaint[] => {
      const before = recorded.get(key)
      if (before === undefined) return [{ file, rule, why: `it is not in ${RECORD} yet: ${ADD}` }]
      if (before === digestOf(text)) return []
      return [{ file, rule, why: `it was changed, and databases have it as it was: ${BACK}` }]
    }),
  ]
}

const BACK =
  `bring it back (git checkout) and write a further file. If it never left your branch: delete its line in ${RECORD}, ` +
  `then ${ADD}`

/** The list with what is new; what stands in it stays as it is. Lines that a merge has left in conflict count all. */
export const grown = (list: string, files: readonly Migration[]): string => {
  const lines = list.split('\n').filter((line) => !/^(<{7}|={7}|>{7}|\|{7})/.test(line))
  const recorded = digestsIn(lines.join('\n'))
  return listOf(new Map([...files.map(({ key, text }) => [key, digestOf(text)] as const), ...recorded]))
}
