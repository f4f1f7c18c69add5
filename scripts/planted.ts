// Planted sins: what stands below test/sins with a mark must be reported for exactly the rules that the mark names, every other
// file for none.
import { globSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

export type Planted = ReadonlyMap<string, ReadonlySet<string>>
export type Reported = readonly { readonly rule: string; readonly file: string; readonly what?: string }[]

/** The first line of SQL, or of a page, may have a meaning of its own. */
const MARKERS: Readonly<Record<string, RegExp>> = {
  '.ts': /^\/\/ sin: (.+)/,
  '.sql': /^-- sin: (.+)$/m,
  '.md': /^<!-- sin: (.+) -->$/m,
}

/** The rules that each file breaks, by its path below `folder`. */
export const plantedIn = (folder: string): Planted =>
  new Map(
    globSync(['**/*.{ts,sql}', 'docs/**/*.md'], { cwd: folder }).map((file) => {
      const mark = MARKERS[extname(file)]?.exec(readFileSync(join(folder, file), 'utf8'))?.[1]
      return [file, new Set(mark?.split(', '))]
    }),
  )

/** What was not seen, and what was seen for no reason. `judges` says whether a rule is of those that have been applied. */
export const compare = (
  planted: Planted,
  reported: Reported,
  { rules, judges }: { readonly rules: readonly string[]; readonly judges: (rule: string) => boolean },
): readonly string[] => {
  const complaints: string[] = []
  for (const [file, marked] of planted) {
    const expected = new Set([...marked].filter(judges))
    const found = new Set(reported.filter((each) => each.file === file).map(({ rule }) => rule))
    for (const rule of expected.difference(found)) complaints.push(`test/sins/${file}: ${rule} was not reported`)
    for (const { rule, what = '' } of reported.filter((each) => each.file === file && !expected.has(each.rule)))
      complaints.push(`test/sins/${file}: ${rule} was reported, unplanned ${what}`.trimEnd())
  }
  const broken = new Set([...planted.values()].flatMap((marked) => [...marked]))
  for (const name of rules) if (!broken.has(name)) complaints.push(`no sin is planted for the rule ${name}`)
  return complaints
}
