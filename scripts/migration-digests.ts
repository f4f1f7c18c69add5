import { createHash } from 'node:crypto'

/** Digests of files by the name under which the database knows them: `order/migrations/0001-orders.sql`. */
export type Digests = ReadonlyMap<string, string>

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Reads a list: a line for each file, as sha256sum writes it. Throws where two branches were not merged in it. */
export const digestsIn = (list: string): Digests =>
  new Map(
    list
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, digest, key] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? []
        if (digest === undefined || key === undefined)
          throw new Error(
            `"${line}" is no line of a list of migrations; after a merge: npm run check:migrations -- --record`,
          )
        return [key, digest]
      }),
  )

/** As it is written: in the order of the names. */
export const listOf = (digests: Digests): string =>
  [...digests]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, digest]) => `${digest}  ${key}\n`)
    .join('')
