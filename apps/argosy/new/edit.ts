/** The text with `more` after the first match of `place`. Throws when there is none: the file has another form by now. */
export const insertAfter = (text: string, place: RegExp, more: string, file: string): string => {
  const found = place.exec(text)
  if (found === null) throw new Error(`${file} has no place for what is new: ${place}`)
  const at = found.index + found[0].length
  return text.slice(0, at) + more + text.slice(at)
}

const IMPORT = /^import (?!type )(?:(\w+)|\{([^}]*)\}) from '([^']+)'\n/gm

/** Appends a module to another: what it imports comes to the imports there, the rest to the end. */
export const appendModule = (text: string, module: string): string => {
  const body = module.replaceAll(IMPORT, '').trim()
  const imports = [...module.matchAll(IMPORT)].map(([, name, names = '', from = '']) => ({ name, names, from }))
  const withImports = imports.reduce((soFar, { name, names, from }) => {
    if (name !== undefined)
      return soFar.includes(`import ${name} from '${from}'`) ? soFar : addImport(soFar, name, from)
    return importNames(soFar, namesIn(names), from)
  }, text)
  return `${withImports.trimEnd()}\n\n${body}\n`
}

const namesIn = (list: string): readonly string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

const importNames = (text: string, names: readonly string[], from: string): string => {
  for (const [whole, , list, source] of text.matchAll(IMPORT)) {
    if (list === undefined || source !== from) continue
    const all = [...new Set([...namesIn(list), ...names])].toSorted()
    return text.replace(whole, `import { ${all.join(', ')} } from '${from}'\n`)
  }
  return addImport(text, `{ ${names.join(', ')} }`, from)
}

/** Behind the last import. */
export const addImport = (text: string, what: string, from: string): string => {
  const line = `import ${what} from '${from}'\n`
  const last = [...text.matchAll(/^(?:import [^]*?|\} )from '[^']+'(?: with \{.*\})?\n/gm)].at(-1)
  const at = last === undefined ? 0 : last.index + last[0].length
  return text.slice(0, at) + line + text.slice(at)
}

/** A row behind the last one of the table that begins with `header`. */
export const addRow = (text: string, header: string, row: string, file: string): string => {
  const start = text.indexOf(`${header}\n`)
  if (start < 0) throw new Error(`${file} has no table ${header}`)
  const table = /^(?:\|.*\n)+/.exec(text.slice(start))?.[0] ?? ''
  return `${text.slice(0, start + table.length)}${row}\n${text.slice(start + table.length)}`
}

type Dependencies = Record<string, string>

/** JSON with more dependencies in the object at `path`, in alphabetical order. */
export const addDependencies = (text: string, more: Readonly<Dependencies>, path: readonly string[] = []): string => {
  const whole = JSON.parse(text) as { dependencies?: Dependencies }
  const at = path.reduce<typeof whole>((node, key) => (node as Record<string, typeof whole>)[key] ?? {}, whole)
  const all = { ...more, ...at.dependencies }
  at.dependencies = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify(whole, undefined, 2)}\n`
}
