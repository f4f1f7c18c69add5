import { readFileSync } from 'node:fs'

/** A part of a document that is made from the code. It stands between `<!-- made: name -->` and `<!-- end -->`. */
export type Generated = { readonly file: string; readonly name: string; readonly text: string }

export const repository = new URL('../../', import.meta.url)

/** The document with the part replaced, as far in as its mark stands. Throws when it has no place for it. */
export const withGenerated = (document: string, { file, name, text }: Generated): string => {
  const [begin, end] = [`<!-- made: ${name} -->\n`, '<!-- end -->']
  const from = document.indexOf(begin)
  const to = document.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`${file} has no place for "${name}": ${begin.trim()} … ${end}`)
  const margin = / *$/.exec(document.slice(0, from))?.[0] ?? ''
  const lines = `${text.trimEnd()}\n${end}`.split('\n').map((line) => (line === '' ? '' : margin + line))
  return document.slice(0, from + begin.length) + lines.join('\n') + document.slice(to + end.length)
}

export const read = (file: string): string => readFileSync(new URL(file, repository), 'utf8')
