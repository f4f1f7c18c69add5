import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { outsideOf, type Outside } from './outside.ts'

export type MigrationFile = {
  /**
   * `order/migrations/0001-orders.sql`: the file with the two folders it lies in, which tell the kit's from a
   * service's.
   */
  readonly key: string
  readonly text: string
  readonly sha256: string
  /** Its only statement, when the file says that it runs outside a transaction. */
  readonly outside?: Outside
}

/** The numbered `.sql` files of a folder, in order. Throws on a name without a number and on two with the same. */
export const filesIn = (folder: URL): readonly MigrationFile[] => {
  const base = folder.href.endsWith('/') ? folder : new URL(`${folder.href}/`)
  const place = base.pathname.split('/').slice(-3, -1).map(decodeURIComponent).join('/')
  const names = readdirSync(base)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  const numbers = new Set<string>()
  return names.map((name) => {
    const number = /^(\d{4})-/.exec(name)?.[1]
    if (number === undefined) throw new Error(`${place}/${name}: a migration is named like 0001-orders.sql`)
    if (numbers.has(number)) throw new Error(`${place}: two migrations have the number ${number}`)
    numbers.add(number)
    const { key, text } = named(`${place}/${name}`, readFileSync(new URL(name, base), 'utf8'))
    return fileOf(key, text)
  })
}

/** A file that has moved says so in its first line: it keeps the name, and the digest, under which databases know it. */
export const named = (place: string, whole: string): { readonly key: string; readonly text: string } => {
  const [first = '', key = place] = /^-- moved from (\S+)\n/.exec(whole) ?? []
  return { key, text: whole.slice(first.length) }
}

const fileOf = (key: string, text: string): MigrationFile => {
  const sha256 = createHash('sha256').update(text).digest('hex')
  try {
    const outside = outsideOf(text)
    return { key, text, sha256, ...(outside !== undefined && { outside }) }
  } catch (cause) {
    throw new Error(`${key} ${Object(cause).message}`, { cause })
  }
}
