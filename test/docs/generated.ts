import { readFileSync } from 'node:fs'

/** A part of a document that is made from the code. It stands between `<!-- made: name -->` and `<!-- end -->`. */
export type Generated = { readonly file: string; readonly name: string; readonly text: string }

export const repository = new URL('../../', import.meta.url)

/** The document with the part replaced. Throws when it has no place for it. */
export const withGenerated = (document: string, { file, name, text }: Generated): string => {
  const [begin, end] = [`<!-- made: ${name} -->\n`, '<!-- end -->']
  const from = document.indexOf(begin)
  const to = document.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`${file} has no place for "${name}": ${begin.trim()} … ${end}`)
  return `${document.slice(0, from + begin.length)}${text.trimEnd()}\n${document.slice(to)}`
}

export const read = (file: string): string => readFileSync(new URL(file, repository), 'utf8')
