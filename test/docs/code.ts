import { globSync } from 'node:fs'
import { patternFile, patternNames } from '@apps/argosy/new/pattern'
import { read, repository } from './generated.ts'
import type { Generated } from './generated.ts'

/**
 * The code that guides show is code that runs: `<!-- made: code services/x/y.ts export const z -->` is replaced by the
 * paragraph of that file which begins so, `<!-- made: code new services/depot/x.ts -->` by what `argosy new` makes.
 */
export const codeInGuides = (): readonly Generated[] =>
  globSync('docs/guide/*.md', { cwd: repository.pathname })
    .toSorted()
    .flatMap((file) =>
      [...read(file).matchAll(/<!-- made: (code (new )?(\S+)(?: (.+))?) -->/g)].map(
        ([, name = '', isNew, source = '', start]) => ({
          file,
          name,
          text: fenced(
            source,
            paragraph(isNew === undefined ? read(source) : patternFile(source, patternNames), source, start),
          ),
        }),
      ),
    )

/** From the line that begins with `start` to the next empty one, with the comment above; all of the text when absent. */
const paragraph = (text: string, source: string, start: string | undefined): string => {
  if (start === undefined) return text
  const found = text.split('\n\n').find((each) => each.split('\n').some((line) => line.startsWith(start)))
  if (found === undefined) throw new Error(`${source} has no line that begins with "${start}"`)
  return found
}

const fenced = (source: string, text: string): string => {
  const language = source.endsWith('.sql') ? 'sql' : 'ts'
  return `\`\`\`${language}\n${text.trim()}\n\`\`\``
}

/** Code of a guide that nobody checks. */
export const codeByHand = (): readonly string[] =>
  globSync('docs/guide/*.md', { cwd: repository.pathname }).flatMap((file) => {
    const byHand = read(file).replaceAll(/<!-- made: .* -->\n[^]*?<!-- end -->/g, '')
    return [...byHand.matchAll(/^ *```ts\n(.*)/gm)].map(([, first = '']) => `${file}: ${first.trim()}`)
  })
