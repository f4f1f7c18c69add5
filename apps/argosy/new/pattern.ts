import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { camel, pascal, snake, words, type Names } from './names.ts'

/**
 * A service with one use case, as real code: it is compiled, checked and tested where it lies. What is made from it differs by
 * the names, and by where contracts are imported from.
 */
const folder = fileURLToPath(new URL('./pattern/', import.meta.url))

/** The names of the pattern itself. */
export const patternNames: Names = {
  service: 'depot',
  useCase: 'send-parcel',
  noun: 'parcel',
  event: 'parcel-sent',
  kept: 'sent-parcel',
  path: '/api/v1/depot/parcels',
}

const FORMS: readonly ((names: Names) => string)[] = [
  ({ path }) => path,
  ({ useCase }) => useCase,
  ({ useCase }) => pascal(useCase),
  ({ useCase }) => camel(useCase),
  ({ useCase }) => words(useCase),
  ({ event }) => event,
  ({ event }) => pascal(event),
  ({ kept }) => kept,
  ({ kept }) => pascal(kept),
  ({ kept }) => snake(kept),
  ({ noun }) => noun,
  ({ service }) => service,
]

const renamed = (text: string, names: Names): string => {
  const forms = new Map(FORMS.map((form) => [form(patternNames), form(names)]))
  const longestFirst = [...forms.keys()].toSorted((a, b) => b.length - a.length)
  return text.replaceAll(new RegExp(longestFirst.join('|'), 'g'), (found) => forms.get(found) ?? found)
}

/** A file of the pattern, by its path there (`services/depot/service.ts`), with other names. */
export const patternFile = (file: string, names: Names): string => {
  const text = readFileSync(join(folder, file), 'utf8')
  const outside = file.startsWith('contracts/')
    ? text.replaceAll("'@argosy/contracts/", "'../").replaceAll(/('\.\.\/\w+)'/g, "$1.ts'")
    : text.replaceAll(/'(?:\.\.\/)+contracts\/(.+)\.ts'/g, "'@argosy/contracts/$1'")
  return renamed(outside, names)
}

/** The files of a folder of the pattern, with other names, by their paths in the tree. */
export const patternFolder = (below: string, names: Names): ReadonlyMap<string, string> =>
  new Map(globSync(`${below}/**/*.*`, { cwd: folder }).map((file) => [renamed(file, names), patternFile(file, names)]))
