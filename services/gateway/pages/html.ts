/** Text that is HTML already. Made by `markup` and `trusted` alone. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | undefined | null | false | readonly Part[]

/** HTML with everything that is put into it escaped, but for what is HTML already. Lists are joined; what is absent is left out. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.reduce((text, string, n) => text + textOf(parts[n - 1]) + string))

/** Our own text that was escaped elsewhere. */
export const trusted = (text: string): Html => new Html(text)

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const textOf = (part: Part): string => {
  if (part === undefined || part === null || part === false) return ''
  if (part instanceof Html) return part.text
  return typeof part === 'object' ? part.map(textOf).join('') : escapeHtml(String(part))
}
